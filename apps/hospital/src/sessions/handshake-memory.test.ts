import type { AwaitingMessage3 } from "@siphms/edhoc";
import { createNodeCrypto } from "@siphms/node-crypto";
import { FakeClock } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import {
  createHandshakeMemory,
  MAX_FINISHED,
  MAX_OPEN,
  type FirstOutcome,
  type HandshakeMemory,
  type OpenHandshake,
} from "./handshake-memory.ts";
import type { HandshakeReply } from "./ports.ts";

const id = (n: number) => new Uint8Array(16).fill(n);
const body = (n: number) => new Uint8Array([n]);
const reply = (n: number): HandshakeReply => ({ outcome: "answer", body: body(n) });
const state: AwaitingMessage3 = { role: "responder", next: "processMessage3" };
const open: OpenHandshake = { state, cR: body(9) };

let clock: FakeClock;
let memory: HandshakeMemory<OpenHandshake>;
beforeEach(() => {
  clock = new FakeClock();
  memory = createHandshakeMemory({ clock, crypto: createNodeCrypto() });
});

const begin = (n = 1, b = 1) =>
  memory.begin(id(n), body(b), () => Promise.resolve({ reply: reply(b), open }));

describe("HandshakeMemory", () => {
  it("answers the same message_1 once and repeats the reply", async () => {
    let calls = 0;
    const work = () => {
      calls += 1;
      return Promise.resolve({ reply: reply(1), open });
    };
    expect(await memory.begin(id(1), body(1), work)).toEqual(reply(1));
    expect(await memory.begin(id(1), body(1), work)).toEqual(reply(1));
    expect(calls).toBe(1);
  });

  it("gives the state to one message_3 alone", async () => {
    await begin();
    const given: (OpenHandshake | undefined)[] = [];
    const work = (found: OpenHandshake | undefined) => {
      given.push(found);
      return Promise.resolve(reply(4));
    };
    const replies = await Promise.all([
      memory.finish(id(1), body(3), work),
      memory.finish(id(1), body(3), work),
    ]);
    expect(given).toEqual([open]);
    expect(replies).toEqual([reply(4), reply(4)]);
  });

  it("says used for another message_1 under a known id", async () => {
    await begin(1, 1);
    expect(begin(1, 2)).toBe("used");
  });

  it("says used for another message_3, also when the first one was refused", async () => {
    await begin();
    await memory.finish(id(1), body(3), () =>
      Promise.resolve({ outcome: "edhoc-error", body: body(0) }),
    );
    expect(memory.finish(id(1), body(5), () => Promise.resolve(reply(6)))).toBe("used");
  });

  it("still says used for another message_1 after the handshake is finished", async () => {
    await begin(1, 1);
    await memory.finish(id(1), body(3), () => Promise.resolve(reply(4)));
    expect(begin(1, 2)).toBe("used");
    expect(await begin(1, 1)).toEqual(reply(1));
  });

  it("forgets a message_1 that led to nothing", async () => {
    const failing = () => Promise.resolve({ reply: reply(1) });
    await memory.begin(id(1), body(1), failing);
    await Promise.resolve();
    expect(await begin(1, 2)).toEqual(reply(2));
  });

  it("has no state for an unknown id", async () => {
    let given: unknown = "not called";
    await memory.finish(id(7), body(3), (found) => {
      given = found;
      return Promise.resolve(reply(4));
    });
    expect(given).toBeUndefined();
  });

  it("has no state after 60 seconds, and one a millisecond before", async () => {
    await begin(1);
    await begin(2);
    const states: unknown[] = [];
    const work = (found: OpenHandshake | undefined) => {
      states.push(found);
      return Promise.resolve(reply(4));
    };
    await clock.advance(59_999);
    await memory.finish(id(1), body(3), work);
    await clock.advance(1);
    await memory.finish(id(2), body(3), work);
    expect(states).toEqual([open, undefined]);
  });

  it("keeps message_4 for 10 minutes", async () => {
    await begin();
    await memory.finish(id(1), body(3), () => Promise.resolve(reply(4)));
    await clock.advance(599_999);
    expect(await memory.finish(id(1), body(3), () => Promise.resolve(reply(5)))).toEqual(reply(4));
    await clock.advance(1);
    expect(await memory.finish(id(1), body(3), () => Promise.resolve(reply(5)))).toEqual(reply(5));
  });

  it("takes nothing in where the work is not taken, and the same later", async () => {
    expect(memory.begin(id(1), body(1), () => undefined)).toBe("full");
    expect(await begin(1, 2)).toEqual(reply(2));
  });

  it("keeps the state of a message_3 whose handshake is still being begun until that is done", async () => {
    let finishFirst: (outcome: FirstOutcome<OpenHandshake>) => void = () => undefined;
    const first = new Promise<FirstOutcome<OpenHandshake>>((resolve) => (finishFirst = resolve));
    const begun = memory.begin(id(1), body(1), () => first);
    const states: unknown[] = [];
    const work = (found: OpenHandshake | undefined) => {
      states.push(found);
      return Promise.resolve(reply(4));
    };
    await memory.finish(id(1), body(3), work);
    finishFirst({ reply: reply(1), open });
    await begun;
    await memory.finish(id(1), body(3), work);
    expect(states).toEqual([undefined, open]);
  });
});

describe("a flood of handshakes", () => {
  const many = (n: number) => new Uint8Array([n >> 8, n & 255, ...new Uint8Array(14)]);
  const first = () => Promise.resolve({ reply: reply(1), open });
  const flood = async (count: number) => {
    for (let n = 0; n < count; n++) await memory.begin(many(n), body(1), first);
  };
  const stateOf = async (one: Uint8Array<ArrayBuffer>) => {
    let state: unknown = "not called";
    await memory.finish(one, body(3), (found) => {
      state = found;
      return Promise.resolve(reply(4));
    });
    return state;
  };

  it("never shuts a newcomer out: the oldest make room", async () => {
    await flood(MAX_OPEN);
    expect(await memory.begin(id(255), body(1), first)).toEqual(reply(1));
    expect(await stateOf(many(0))).toBeUndefined();
    expect(await stateOf(many(1))).toBe(open);
    expect(await stateOf(id(255))).toBe(open);
  });

  it("is forgotten after 60 seconds", async () => {
    await flood(100);
    await clock.advance(60_000);
    expect(await stateOf(many(99))).toBeUndefined();
  });

  it("of finished ones lets the oldest go, which are unknown then", async () => {
    for (let n = 0; n <= MAX_FINISHED; n++) {
      await memory.begin(many(n), body(1), first);
      await stateOf(many(n));
    }
    await begin(255, 1);
    expect(memory.finish(many(MAX_FINISHED), body(9), () => Promise.resolve(reply(5)))).toBe(
      "used",
    );
    expect(await stateOf(many(0))).toBeUndefined();
  });
});
