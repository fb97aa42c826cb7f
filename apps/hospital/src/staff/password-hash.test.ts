import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import { createPasswordHasher, PASSWORD_COST } from "./password-hash.ts";
import { UNSAFE_COST } from "../testing/log-in-world.ts";

const crypto = createNodeCrypto();
const newKeyring = () => openKeyring(createInstallationKey(crypto), crypto);
const keyring = newKeyring();
const hasher = createPasswordHasher(keyring, UNSAFE_COST);
const PASSWORD = "otters sleep holding hands";

describe("a stored password (SR-07) [HS-308a5D]", () => {
  it("says its algorithm and a cost that is not under the floor", async () => {
    const stored = await createPasswordHasher(keyring).hash(PASSWORD);
    const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(stored) ?? [];
    expect(Number(memory)).toBe(PASSWORD_COST.memoryKib);
    expect(Number(memory)).toBeGreaterThanOrEqual(19_456);
    expect(Number(passes)).toBeGreaterThanOrEqual(2);
  });

  it("is another one for the same password the next time", async () => {
    expect(await hasher.hash(PASSWORD)).not.toBe(await hasher.hash(PASSWORD));
  });

  it("is right for its password and for nothing near it", async () => {
    const stored = await hasher.hash(PASSWORD);
    expect(await hasher.verify(stored, PASSWORD)).toBe(true);
    for (const other of ["", `${PASSWORD} `, PASSWORD.toUpperCase(), PASSWORD.slice(0, -1)]) {
      expect(await hasher.verify(stored, other)).toBe(false);
    }
  });

  it("takes every form of the same text, and the whole of a long one", async () => {
    const long = `${"é".repeat(100)} otters`;
    const stored = await hasher.hash(long);
    expect(await hasher.verify(stored, long.normalize("NFD"))).toBe(true);
    expect(await hasher.verify(stored, `${"é".repeat(100)} otterz`)).toBe(false);
  });

  it("is right for nobody under another key-encryption key", async () => {
    const stored = await hasher.hash(PASSWORD);
    expect(await createPasswordHasher(newKeyring(), UNSAFE_COST).verify(stored, PASSWORD)).toBe(
      false,
    );
  });

  it("that is not there is right for nobody, not even for what it is compared with", async () => {
    expect(await hasher.verify(undefined, PASSWORD)).toBe(false);
    expect(await hasher.verify(undefined, "nobody has this password")).toBe(false);
  });

  it("is outdated when it cost less, and not when it cost as much", async () => {
    const stored = await hasher.hash(PASSWORD);
    expect(hasher.isOutdated(stored)).toBe(false);
    const { memoryKib, passes } = UNSAFE_COST;
    for (const dearer of [
      { memoryKib: memoryKib * 2, passes },
      { memoryKib, passes: passes + 1 },
    ]) {
      expect(createPasswordHasher(keyring, dearer).isOutdated(stored)).toBe(true);
    }
  });
});
