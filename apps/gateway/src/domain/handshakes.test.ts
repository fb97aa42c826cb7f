import type { Bytes, GatewayFrame, HandshakeOutcome } from "@siphms/relay";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bytes, createMovableClock, text, type MovableClock } from "../testing/test-gateway.ts";
import { createAddressLimit, type AddressLimit } from "./address-limit.ts";
import { createHandshakes, type HandshakePorts, type Handshakes } from "./handshakes.ts";
import { HANDSHAKE_TIMEOUT_MS } from "./limits.ts";
import { createRates } from "./rates.ts";
import { createVouchers, type Vouchers } from "./vouchers.ts";

const PER_MINUTE = 10;
const KID = new Uint8Array(8);
let clock: MovableClock;
let addressLimit: AddressLimit;
let vouchers: Vouchers;
let frames: GatewayFrame[];
let handshakes: Handshakes;

function relay(changes: Partial<HandshakePorts> = {}): Handshakes {
  return createHandshakes({
    send: (_hospital, frame) => frames.push(frame) > 0,
    addressLimit,
    vouchers,
    clock,
    maxInFlight: 10,
    ...changes,
  });
}

beforeEach(() => {
  clock = createMovableClock();
  addressLimit = createAddressLimit(createRates(clock, 1000), PER_MINUTE);
  vouchers = createVouchers(clock, 100);
  frames = [];
  handshakes = relay();
});

afterEach(() => {
  handshakes.stop();
});

const start = (address = "a", hospital = "h") =>
  handshakes.start(hospital, KID, { body: bytes("1"), address });
const finish = (id: string, address = "a") => handshakes.finish(id, { body: bytes("3"), address });

function lastId(): Bytes {
  const frame = frames.at(-1);
  if (frame?.type !== "handshake-in") throw new Error("nothing was sent");
  return frame.id;
}

function answer(hospital = "h", outcome: HandshakeOutcome = "answer", id = lastId()): void {
  const body = outcome === "answer" || outcome === "edhoc-error" ? bytes("2") : bytes("");
  handshakes.answered(hospital, { type: "handshake-out", id, outcome, body });
}

/** Brings a handshake to the point where message_3 is due; its id as `Location` has it. */
async function begun(address = "a"): Promise<string> {
  expect(handshakes.admit(address)).toBeUndefined();
  const first = start(address);
  answer();
  await first;
  return Buffer.from(lastId()).toString("base64url");
}

/** How many more the address may begin now. */
function allowanceOf(address: string): number {
  let count = 0;
  while (handshakes.admit(address) === undefined) count += 1;
  return count;
}

describe("an answer", () => {
  it("is taken from the hospital that was asked, and from no other", async () => {
    const result = start();
    const id = lastId();
    handshakes.answered("stranger", {
      type: "handshake-out",
      id,
      outcome: "answer",
      body: bytes("forged"),
    });
    answer();
    const { kind, ...rest } = await result;
    expect([kind, "body" in rest && text(rest.body), handshakes.inFlight()]).toEqual([
      "answer",
      "2",
      0,
    ]);
  });

  it("that does not come in time is given up as hospital-away, and its place is free again", async () => {
    vi.useFakeTimers();
    handshakes = relay({ maxInFlight: 1 });
    const result = start();
    await vi.advanceTimersByTimeAsync(HANDSHAKE_TIMEOUT_MS - 1);
    expect(handshakes.inFlight()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toMatchObject({ problem: "hospital-away", retryAfterSeconds: 15 });
    expect(handshakes.inFlight()).toBe(0);
    const next = start();
    answer();
    expect(await next).toMatchObject({ kind: "answer" });
    vi.useRealTimers();
  });

  it("cannot come any more when the hospital leaves; those of others are not touched", async () => {
    const mine = start("a", "h");
    void start("a", "h2");
    handshakes.hospitalLeft("h");
    expect(await mine).toMatchObject({ problem: "hospital-away" });
    expect(handshakes.inFlight()).toBe(1);
  });

  it("cannot come any more when all is stopped", async () => {
    const result = start();
    handshakes.stop();
    expect(await result).toMatchObject({ problem: "hospital-away" });
  });
});

describe("places for handshakes", () => {
  it("are shared by the addresses: one has half, another still finds one", async () => {
    const flood = Array.from({ length: 8 }, () => start("flood"));
    expect(await Promise.all(flood.slice(5))).toMatchObject(
      Array.from({ length: 3 }, () => ({ problem: "slow-down", reason: "handshake-places" })),
    );
    expect(handshakes.inFlight()).toBe(5);
    const honest = start("honest");
    answer();
    expect(await honest).toMatchObject({ kind: "answer" });
  });

  it("count an IPv6 network of 64 bits as one address", async () => {
    const flood = Array.from({ length: 8 }, (_, index) => start(`2001:db8::${String(index + 1)}`));
    expect(await flood[7]).toMatchObject({ reason: "handshake-places" });
    void start("2001:db8:0:1::1");
    expect(handshakes.inFlight()).toBe(6);
  });

  it("of one hospital are not those of another", async () => {
    for (let count = 0; count < 5; count += 1) void start("a", "silent");
    expect(await start("a", "silent")).toMatchObject({ reason: "handshake-places" });
    const other = start("a", "h");
    answer("h");
    expect(await other).toMatchObject({ kind: "answer" });
  });

  it("for beginnings are not those for endings: a flood of message_1 leaves room for message_3", async () => {
    const id = await begun("honest");
    for (let address = 0; address < 30; address += 1) {
      for (let count = 0; count < 10; count += 1) void start(`flood ${String(address)}`);
    }
    expect(handshakes.inFlight()).toBe(10);
    const last = finish(id, "honest");
    answer("h", "answer", new Uint8Array(Buffer.from(id, "base64url")));
    expect(await last).toMatchObject({ kind: "answer" });
  });

  it("are free again after every end", async () => {
    handshakes = relay({ maxInFlight: 1 });
    for (const outcome of ["answer", "edhoc-error", "slow-down", "malformed"] as const) {
      const one = start();
      answer("h", outcome);
      await one;
    }
    handshakes = relay({ maxInFlight: 1, send: () => false });
    expect([await start(), await start()]).toMatchObject([
      { problem: "hospital-away" },
      { problem: "hospital-away" },
    ]);
  });

  it("that are missing do not count against the address", async () => {
    handshakes = relay({ maxInFlight: 1 });
    void start();
    for (let count = 0; count < 5; count += 1) {
      expect(handshakes.admit("a")).toBeUndefined();
      await start();
    }
    expect(allowanceOf("a")).toBe(PER_MINUTE);
  });
});

describe("the rate of an address", () => {
  it("lets a minute's worth begin at once, and refuses the next with the time to wait", () => {
    expect(allowanceOf("a")).toBe(PER_MINUTE);
    expect(handshakes.admit("a")).toMatchObject({
      problem: "slow-down",
      reason: "address-rate",
      retryAfterSeconds: 6,
    });
    expect(handshakes.admit("b")).toBeUndefined();
    clock.advance(6000);
    expect(allowanceOf("a")).toBe(1);
  });

  it("does not count the message_3 of a handshake that it has counted", async () => {
    const id = await begun();
    allowanceOf("a");
    const last = finish(id);
    answer();
    expect(await last).toMatchObject({ kind: "answer" });
  });

  it.each(["answer", "edhoc-error"] as const)(
    "counts a message_3 that comes again after %s",
    async (outcome) => {
      const id = await begun();
      const first = finish(id);
      answer("h", outcome);
      await first;
      allowanceOf("a");
      expect(await finish(id)).toMatchObject({ reason: "address-rate" });
      clock.advance(6000);
      const again = finish(id);
      answer("h", outcome);
      expect(await again).toMatchObject({ kind: outcome });
    },
  );

  it("does not count a message_3 again that never got through", async () => {
    const id = await begun();
    const first = finish(id);
    answer("h", "hospital-away");
    await first;
    allowanceOf("a");
    const again = finish(id);
    answer();
    expect(await again).toMatchObject({ kind: "answer" });
  });

  it("counts a message_3 of a handshake that nobody began", async () => {
    const before = frames.length;
    for (let count = 0; count < PER_MINUTE; count += 1) {
      expect(await finish("A".repeat(22))).toMatchObject({ problem: "session-unknown" });
    }
    expect(await finish("A".repeat(22))).toMatchObject({ reason: "address-rate" });
    expect(frames.length).toBe(before);
  });
});

describe("an address", () => {
  it("is vouched for when a handshake from there has ended well, and not before", async () => {
    const id = await begun("a");
    expect(vouchers.take("a")).toBe(false);
    const last = finish(id, "a");
    answer();
    await last;
    expect([vouchers.take("a"), vouchers.take("b")]).toEqual([true, false]);
  });

  it.each(["edhoc-error", "slow-down", "hospital-away"] as const)(
    "is not vouched for by a handshake that ended in %s",
    async (outcome) => {
      const id = await begun("a");
      const last = finish(id, "a");
      answer("h", outcome);
      await last;
      expect(vouchers.take("a")).toBe(false);
    },
  );
});

describe("a hospital that asks to slow down", () => {
  it("is not asked by a device before two seconds are over", async () => {
    const result = start();
    answer("h", "slow-down");
    expect(await result).toEqual({
      kind: "refused",
      problem: "slow-down",
      reason: "hospital-busy",
      retryAfterSeconds: 2,
    });
  });
});
