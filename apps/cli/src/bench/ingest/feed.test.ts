import { EventEmitter } from "node:events";

import { decodeFrames, encodeFrames } from "@siphms/relay";
import type { EnvelopeFrame, HospitalFrame, UplinkFrame } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";

import { countFrames, createFeed, prepareFrames } from "./feed.ts";

const SID = new Uint8Array(16).fill(7);
const FIRST = 100;

function envelopes(count: number): EnvelopeFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "envelope",
    sid: SID,
    number: FIRST + index,
    body: new Uint8Array(10 + index).fill(index),
  }));
}

const answer = (number: number): HospitalFrame => ({
  type: "answer",
  sid: SID,
  number,
  body: Uint8Array.of(number % 256),
});

/** A feed of some envelopes to a hospital that a test plays. */
function start(count: number, credit: number) {
  const sent: UplinkFrame[] = [];
  const socket = Object.assign(new EventEmitter(), {
    send: (message: Uint8Array) => void sent.push(...decodeFrames(message)),
  });
  const left = { left: credit };
  const frames = prepareFrames(envelopes(count));
  // The part of a socket that a feed uses.
  const feed = createFeed(socket as unknown as WebSocket, frames, left);
  const say = (...said: readonly HospitalFrame[]): void =>
    feed.receive(Buffer.from(encodeFrames(said)));
  // A failure is looked at later in each test.
  feed.finished.catch(() => undefined);
  return { sent, socket, credit: left, finished: feed.finished, say };
}

describe("feeding a hospital", () => {
  it("sends every envelope as it is, and gives each its own answer", async () => {
    const { sent, finished, say } = start(3, 10);
    expect(sent).toEqual(envelopes(3));
    say(answer(FIRST + 2), answer(FIRST));
    say(answer(FIRST + 1));
    const { answers, latencies, seconds } = await finished;
    expect(answers).toEqual([100, 101, 102].map((one) => Uint8Array.of(one)));
    expect(latencies).toHaveLength(3);
    expect(latencies.every((ms) => ms >= 0)).toBe(true);
    expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it("never sends more than the hospital gave credit for", async () => {
    const { sent, credit, finished, say } = start(5, 2);
    expect(sent).toHaveLength(2);
    say(answer(FIRST), answer(FIRST + 1));
    expect(sent).toHaveLength(2);
    say({ type: "credit", count: 2 });
    expect(sent).toHaveLength(4);
    say({ type: "credit", count: 5 }, answer(FIRST + 2), answer(FIRST + 3));
    say(answer(FIRST + 4));
    await finished;
    expect(credit.left).toBe(4);
  });

  it("keeps credit that comes behind the last answer", async () => {
    const { credit, finished, say } = start(1, 1);
    say(answer(FIRST));
    say({ type: "credit", count: 3 });
    await finished;
    expect(credit.left).toBe(3);
  });

  it("does not take a notice for an answer", async () => {
    const { finished, say } = start(1, 1);
    say(answer(0));
    say(answer(FIRST));
    expect((await finished).answers).toHaveLength(1);
  });

  it("fails when an envelope gets no answer", async () => {
    const { finished, say } = start(2, 2);
    say(answer(FIRST), { type: "no-answer", sid: SID, number: FIRST + 1 });
    await expect(finished).rejects.toThrow("got no answer");
  });

  it("fails when an envelope is answered twice and another not at all", async () => {
    const { finished, say } = start(2, 2);
    say(answer(FIRST), answer(FIRST));
    await expect(finished).rejects.toThrow("the same twice");
  });

  it.each([FIRST - 1, FIRST + 2])("fails when number %i is answered", async (number) => {
    const { finished, say } = start(2, 2);
    say(answer(FIRST), answer(number));
    await expect(finished).rejects.toThrow("was not sent");
  });

  it("fails when the hospital ends its uplink", async () => {
    const { finished, socket } = start(2, 2);
    socket.emit("close");
    await expect(finished).rejects.toThrow("ended its uplink");
  });
});

describe("counting frames by their heads", () => {
  it("sees what strict reading sees", () => {
    const message: HospitalFrame[] = [
      answer(2 ** 40),
      { type: "credit", count: 70_000 },
      answer(0),
      { type: "close", sid: SID },
      { type: "no-answer", sid: SID, number: 5 },
      { type: "credit", count: 1 },
    ];
    const counted = countFrames(Buffer.from(encodeFrames(message)));
    expect(counted).toEqual({ answers: 2, credits: 70_001 });
  });
});
