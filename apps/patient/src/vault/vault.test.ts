import { encodeCbor, decodeCbor, isCborArray, type CborValue } from "@siphms/cose";
import { beforeEach, describe, expect, it } from "vitest";
import { VaultWorld } from "../testing/vault-world.ts";
import type { Vault } from "./vault.ts";

const PIN = "274915";
const NEW_PIN = "836150";
const WRONG = "909090";

let world: VaultWorld;
let vault: Vault;

beforeEach(() => {
  world = new VaultWorld();
  vault = world.openTab();
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

/** Changes the stored record at one place, as somebody with the browser's profile could. */
function tamper(change: (members: CborValue[], pin: CborValue[], prf: CborValue[]) => void): void {
  const decoded = decodeCbor(world.store.record!);
  if (!isCborArray(decoded)) throw new Error("not a record");
  const members = [...decoded];
  const pin = isCborArray(members[4]) ? [...members[4]] : [];
  const prf = isCborArray(members[5]) ? [...members[5]] : [];
  if (pin.length > 0) members[4] = pin;
  if (prf.length > 0) members[5] = prf;
  change(members, pin, prf);
  world.store.record = encodeCbor(members);
}

function flipped(value: CborValue | undefined): CborValue {
  if (!(value instanceof Uint8Array)) throw new Error("not bytes");
  const copy = value.slice();
  copy[0] = copy[0]! ^ 1;
  return copy;
}

describe("a vault with a PIN", () => {
  it("gives the key back to the right PIN, in a tab opened later", async () => {
    const storeKey = await vault.create({ pin: PIN });
    expect(await world.openTab().openWithPin(PIN)).toEqual({
      kind: "opened",
      storeKey,
      forgiven: true,
    });
    expect(storeKey).toHaveLength(32);
  });

  it("does not hold the key or the PIN in its record [HS-312a2iv]", async () => {
    const storeKey = await vault.create({ pin: PIN });
    const record = Buffer.from(world.store.record!);
    expect(record.includes(Buffer.from(storeKey))).toBe(false);
    expect(record.includes(PIN)).toBe(false);
  });

  it("refuses a wrong PIN", async () => {
    await vault.create({ pin: PIN });
    expect(await vault.openWithPin(WRONG)).toEqual({
      kind: "wrong",
      waitMs: 0,
      triesLeft: undefined,
    });
  });

  it("does not count what is no PIN", async () => {
    await vault.create({ pin: PIN });
    const before = world.store.record;
    await expect(vault.openWithPin("12")).rejects.toEqual(code("PIN_FORM"));
    expect(world.store.record).toEqual(before);
  });

  it("refuses a weak PIN when it is set, and writes nothing (SR-12)", async () => {
    await expect(vault.create({ pin: "123456" })).rejects.toEqual(code("PIN_WEAK"));
    expect(world.store.record).toBeUndefined();
  });

  it("is not made over another one", async () => {
    await vault.create({ pin: PIN });
    const before = world.store.record;
    await expect(world.openTab().create({ pin: NEW_PIN })).rejects.toEqual(code("VAULT_EXISTS"));
    expect(world.store.record).toEqual(before);
  });

  it("is missing before it is made and after it is erased", async () => {
    await expect(vault.openWithPin(PIN)).rejects.toEqual(code("VAULT_MISSING"));
    await vault.create({ pin: PIN });
    await vault.erase();
    await expect(vault.openWithPin(PIN)).rejects.toEqual(code("VAULT_MISSING"));
    expect((await vault.status()).exists).toBe(false);
  });

  it("says nothing of a PRF that was never set", async () => {
    await vault.create({ pin: PIN });
    expect(await vault.openWithPrf(world.prf().output)).toEqual({ kind: "unset" });
    expect((await vault.status()).prf).toBeUndefined();
  });
});

describe("counting attempts (SR-12)", () => {
  beforeEach(async () => {
    await vault.create({ pin: PIN });
  });

  it("makes a PIN wait after the third wrong one, without trying it", async () => {
    for (let i = 0; i < 3; i++) await vault.openWithPin(WRONG);
    const guesses = world.guesses;
    expect(await vault.openWithPin(PIN)).toEqual({
      kind: "wait",
      waitMs: 30_000,
      triesLeft: undefined,
    });
    expect(world.guesses).toBe(guesses);
    world.monotonicMs += 30_000;
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened" });
  });

  it("begins the wait anew in an app that is started again", async () => {
    for (let i = 0; i < 3; i++) await vault.openWithPin(WRONG);
    world.monotonicMs += 29_000;
    const again = world.openTab();
    expect((await again.status()).waitMs).toBe(30_000);
    expect(await again.openWithPin(PIN)).toMatchObject({ kind: "wait", waitMs: 30_000 });
  });

  it("shares one count between two tabs, and one that waited long gains nothing", async () => {
    const other = world.openTab();
    await other.status();
    for (let i = 0; i < 3; i++) await vault.openWithPin(WRONG);
    world.monotonicMs += 3_600_000;
    expect(await vault.openWithPin(WRONG)).toMatchObject({ kind: "wrong", waitMs: 60_000 });
    expect(await other.openWithPin(WRONG)).toMatchObject({ kind: "wait", waitMs: 60_000 });
  });

  it("begins the wait with the attempt that was counted, not with one of that number whose write failed", async () => {
    const other = world.openTab();
    await vault.openWithPin(WRONG);
    await vault.openWithPin(WRONG);
    world.store.failAt = 0;
    await expect(vault.openWithPin(WRONG)).rejects.toEqual(code("STORE_FAILED"));
    world.monotonicMs += 30_000;
    await other.openWithPin(WRONG);
    const { guesses } = world;
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "wait", waitMs: 30_000 });
    expect(world.guesses).toBe(guesses);
  });

  it("lets only one of two attempts at once through where a wait stands", async () => {
    await world.fail(vault, 3);
    const outcomes = await Promise.all([vault.openWithPin(WRONG), vault.openWithPin(WRONG)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["wait", "wrong"]);
  });

  it("says from the sixth wrong PIN how many are left", async () => {
    await world.fail(vault, 5);
    expect((await vault.status()).triesLeft).toBeUndefined();
    expect(await vault.openWithPin(WRONG)).toMatchObject({ kind: "wrong", triesLeft: 4 });
    expect((await vault.status()).triesLeft).toBe(4);
  });

  it("has written the attempt before it is tried", async () => {
    world.store.failAt = 0;
    const guesses = world.guesses;
    await expect(vault.openWithPin(PIN)).rejects.toEqual(code("STORE_FAILED"));
    expect(world.guesses).toBe(guesses);
  });

  it("counts an attempt whose tab is killed over it", async () => {
    await world.fail(vault, 5);
    const killed = world.store.record!;
    const pending = vault.openWithPin(PIN);
    await Promise.resolve();
    await Promise.resolve();
    // What is on the disk at this moment is what the next start finds.
    const atKill = world.store.record!;
    expect(atKill).not.toEqual(killed);
    await pending;
    world.store.record = atKill;
    expect((await world.openTab().status()).triesLeft).toBe(4);
  });

  it("starts from nothing again after the right PIN", async () => {
    await world.fail(vault, 9);
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened", forgiven: true });
    expect(await vault.status()).toMatchObject({ waitMs: 0, triesLeft: undefined, pin: "set" });
    await world.fail(vault, 9);
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened" });
  });

  it("does not count an attempt for which the phone had no memory", async () => {
    await world.fail(vault, 5);
    world.kdfFails = true;
    for (let i = 0; i < 20; i++) {
      world.monotonicMs += 3_600_000;
      await expect(vault.openWithPin(PIN)).rejects.toThrow(RangeError);
    }
    world.kdfFails = false;
    world.monotonicMs += 3_600_000;
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened" });
  });

  it("opens although the count cannot be reset, and resets it later", async () => {
    await world.fail(vault, 5);
    world.store.failAt = 1;
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened", forgiven: false });
    expect((await vault.status()).triesLeft).toBe(4);
    expect(await vault.forgiveAgain()).toBe(true);
    expect((await vault.status()).triesLeft).toBeUndefined();
  });
});

describe("after ten wrong PINs (SR-12)", () => {
  it("the right one opens no more, and its wrapping is gone from the record", async () => {
    await vault.create({ pin: PIN });
    const before = world.store.record!.length;
    await world.fail(vault, 9);
    expect(await vault.openWithPin(WRONG)).toEqual({ kind: "destroyed" });
    expect(await world.openTab().openWithPin(PIN)).toEqual({ kind: "destroyed" });
    expect((await vault.status()).pin).toBe("destroyed");
    expect(world.store.record!.length).toBeLessThan(before - 48);
  });

  it("the PRF still opens, and a new PIN can be set", async () => {
    const prf = world.prf();
    const storeKey = await vault.create({ pin: PIN, prf });
    await world.fail(vault, 10);
    expect(await vault.openWithPrf(prf.output)).toEqual({ kind: "opened", storeKey });
    await vault.setPin(storeKey, NEW_PIN);
    expect(await vault.openWithPin(NEW_PIN)).toMatchObject({ kind: "opened", storeKey });
  });

  it("the PRF, now alone, is not removed", async () => {
    const storeKey = await vault.create({ pin: PIN, prf: world.prf() });
    await world.fail(vault, 10);
    await expect(vault.removePrf(storeKey)).rejects.toEqual(code("VAULT_LAST_METHOD"));
  });

  it("the wrapping is destroyed at the next start where the tenth was killed or its write failed", async () => {
    await vault.create({ pin: PIN });
    await world.fail(vault, 9);
    world.store.failAt = 1;
    await expect(vault.openWithPin(WRONG)).rejects.toEqual(code("STORE_FAILED"));
    const guesses = world.guesses;
    expect(await world.openTab().openWithPin(PIN)).toEqual({ kind: "destroyed" });
    expect(world.guesses).toBe(guesses);
  });

  it("a right tenth PIN loses nothing although another tab took it for a killed one", async () => {
    const storeKey = await vault.create({ pin: PIN });
    await world.fail(vault, 9);
    const pending = vault.openWithPin(PIN);
    await Promise.resolve();
    await Promise.resolve();
    await world.openTab().status();
    expect(await pending).toEqual({ kind: "opened", storeKey, forgiven: true });
    expect(await world.openTab().openWithPin(PIN)).toMatchObject({ kind: "opened", storeKey });
  });

  it("a right tenth PIN whose reset failed is put right by the open app", async () => {
    const storeKey = await vault.create({ pin: PIN });
    await world.fail(vault, 9);
    world.store.failAt = 1;
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened", forgiven: false });
    expect((await world.openTab().status()).pin).toBe("destroyed");
    expect(await vault.forgiveAgain()).toBe(true);
    expect(await world.openTab().openWithPin(PIN)).toMatchObject({ kind: "opened", storeKey });
  });
});

describe("a vault with a PRF (SR-13)", () => {
  it("gives the key back to the same output, and says what to ask for", async () => {
    const prf = world.prf();
    const storeKey = await vault.create({ prf });
    expect(await world.openTab().openWithPrf(prf.output)).toEqual({ kind: "opened", storeKey });
    const { credentialId, salt } = prf;
    expect((await vault.status()).prf).toEqual({ credentialId, salt });
  });

  it("refuses another output, and a PIN that was never set", async () => {
    await vault.create({ prf: world.prf() });
    expect(await vault.openWithPrf(world.prf().output)).toEqual({ kind: "wrong" });
    expect(await vault.openWithPin(PIN)).toEqual({ kind: "unset" });
  });

  it("refuses an output that is too short for a key", async () => {
    await vault.create({ prf: world.prf() });
    await expect(vault.openWithPrf(new Uint8Array(16))).rejects.toThrow(RangeError);
  });
});

describe("changing the ways in", () => {
  it("lets go of the old PIN once the new one is stored", async () => {
    const storeKey = await vault.create({ pin: PIN });
    await vault.setPin(storeKey, NEW_PIN);
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "wrong" });
    expect(await vault.openWithPin(NEW_PIN)).toMatchObject({ kind: "opened", storeKey });
  });

  it("keeps the old PIN where the new one could not be stored", async () => {
    const storeKey = await vault.create({ pin: PIN });
    world.store.failAt = 0;
    await expect(vault.setPin(storeKey, NEW_PIN)).rejects.toEqual(code("STORE_FAILED"));
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "opened", storeKey });
  });

  it("does not bring back a PIN that was changed while the old one was tried", async () => {
    const storeKey = await vault.create({ pin: PIN });
    const other = world.openTab();
    world.store.failAt = 1;
    await vault.openWithPin(PIN);
    await other.setPin(storeKey, NEW_PIN);
    await vault.forgiveAgain();
    expect(await other.openWithPin(PIN)).toMatchObject({ kind: "wrong" });
    expect(await other.openWithPin(NEW_PIN)).toMatchObject({ kind: "opened" });
  });

  it("takes no method from one who holds another key", async () => {
    await vault.create({ pin: PIN, prf: world.prf() });
    const stranger = world.crypto.randomBytes(32);
    const before = world.store.record;
    await expect(vault.setPin(stranger, NEW_PIN)).rejects.toEqual(code("VAULT_INVALID"));
    await expect(vault.setPrf(stranger, world.prf())).rejects.toEqual(code("VAULT_INVALID"));
    await expect(vault.removePin(stranger)).rejects.toEqual(code("VAULT_INVALID"));
    await expect(vault.removePrf(stranger)).rejects.toEqual(code("VAULT_INVALID"));
    expect(world.store.record).toEqual(before);
  });

  it("adds a PRF and then removes the PIN", async () => {
    const storeKey = await vault.create({ pin: PIN });
    const prf = world.prf();
    await vault.setPrf(storeKey, prf);
    await vault.removePin(storeKey);
    expect(await vault.openWithPin(PIN)).toEqual({ kind: "unset" });
    expect(await vault.openWithPrf(prf.output)).toEqual({ kind: "opened", storeKey });
  });

  it("never removes the last way in, also when two tabs remove one each", async () => {
    const storeKey = await vault.create({ pin: PIN, prf: world.prf() });
    const other = world.openTab();
    const removed = await Promise.allSettled([
      vault.removePin(storeKey),
      other.removePrf(storeKey),
    ]);
    expect(removed.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const { pin, prf } = await vault.status();
    expect(pin === "set" || prf !== undefined).toBe(true);
  });

  it("never removes the only PIN", async () => {
    const storeKey = await vault.create({ pin: PIN });
    await expect(vault.removePin(storeKey)).rejects.toEqual(code("VAULT_LAST_METHOD"));
  });
});

describe("a record that somebody altered", () => {
  beforeEach(async () => {
    await vault.create({ pin: PIN, prf: world.prf() });
  });

  it.each<[string, string, (m: CborValue[], pin: CborValue[], prf: CborValue[]) => void]>([
    ["another version", "VAULT_VERSION", (m) => (m[0] = 2)],
    ["version 0", "VAULT_INVALID", (m) => (m[0] = 0)],
    ["a member less", "VAULT_INVALID", (m) => m.pop()],
    ["a member more", "VAULT_INVALID", (m) => m.push(0)],
    ["a shorter id", "VAULT_INVALID", (m) => (m[1] = new Uint8Array(15))],
    ["a shorter check", "VAULT_INVALID", (m) => (m[2] = new Uint8Array(31))],
    ["a negative number of tries", "VAULT_INVALID", (m) => (m[3] = -1)],
    ["negative failures", "VAULT_INVALID", (_m, pin) => (pin[0] = -5)],
    ["failures that are no number", "VAULT_INVALID", (_m, pin) => (pin[0] = "0")],
    ["a shorter salt", "VAULT_INVALID", (_m, pin) => (pin[1] = new Uint8Array(8))],
    ["less memory", "VAULT_INVALID", (_m, pin) => (pin[2] = 65_535)],
    ["memory without end", "VAULT_INVALID", (_m, pin) => (pin[2] = 1_048_577)],
    ["fewer passes", "VAULT_INVALID", (_m, pin) => (pin[3] = 2)],
    ["passes without end", "VAULT_INVALID", (_m, pin) => (pin[3] = 17)],
    ["no lanes", "VAULT_INVALID", (_m, pin) => (pin[4] = 0)],
    ["a shorter nonce", "VAULT_INVALID", (_m, pin) => (pin[5] = new Uint8Array(11))],
    ["a cut text", "VAULT_INVALID", (_m, pin) => (pin[6] = new Uint8Array(47))],
    ["a PIN of two members", "VAULT_INVALID", (_m, pin) => (pin.length = 2)],
    ["a PRF of three members", "VAULT_INVALID", (_m, _pin, prf) => (prf.length = 3)],
    ["no credential", "VAULT_INVALID", (_m, _pin, prf) => (prf[0] = new Uint8Array(0))],
    ["a shorter PRF salt", "VAULT_INVALID", (_m, _pin, prf) => (prf[1] = new Uint8Array(31))],
  ])("is refused with %s, and no PIN is tried", async (_what, expected, change) => {
    const guesses = world.guesses;
    tamper(change);
    await expect(vault.openWithPin(PIN)).rejects.toEqual(code(expected));
    expect(world.guesses).toBe(guesses);
  });

  it("is refused wherever it is cut off", async () => {
    const whole = world.store.record!;
    for (let length = 0; length < whole.length; length++) {
      world.store.record = whole.slice(0, length);
      await expect(vault.status()).rejects.toEqual(code("VAULT_INVALID"));
    }
  });

  it.each<[string, (m: CborValue[], pin: CborValue[]) => void]>([
    ["another salt", (_m, pin) => (pin[1] = flipped(pin[1]))],
    ["a dearer cost", (_m, pin) => (pin[3] = 4)],
    ["another nonce", (_m, pin) => (pin[5] = flipped(pin[5]))],
    ["another text", (_m, pin) => (pin[6] = flipped(pin[6]))],
    ["another vault's id", (m) => (m[1] = flipped(m[1]))],
  ])("does not open with %s", async (_what, change) => {
    tamper(change);
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "wrong" });
  });

  it("is refused where the wrapping opens to a key that is not this vault's", async () => {
    tamper((members) => (members[2] = flipped(members[2])));
    await expect(vault.openWithPin(PIN)).rejects.toEqual(code("VAULT_INVALID"));
  });

  it("does not open with the PIN's wrapping of another vault", async () => {
    const mine = decodeCbor(world.store.record!);
    const elsewhere = new VaultWorld();
    await elsewhere.openTab().create({ pin: PIN });
    const theirs = decodeCbor(elsewhere.store.record!);
    if (!isCborArray(mine) || !isCborArray(theirs)) throw new Error("not records");
    world.store.record = encodeCbor([...mine.slice(0, 4), theirs[4]!, mine[5]!]);
    expect(await vault.openWithPin(PIN)).toMatchObject({ kind: "wrong" });
  });
});
