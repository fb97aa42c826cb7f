import {
  encodeFrames,
  type HandshakeStartFrame,
  type HospitalFrame,
  type UplinkFrame,
} from "@siphms/relay";
import { silentLogger } from "@siphms/server-kit";
import { FakeClock } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import type { InboundEnvelope, IngestOutcome } from "../ingest/index.ts";
import type { Handshakes } from "../sessions/index.ts";
import { CREDIT, createFrameServer, MAX_HANDSHAKES, type FrameServer } from "./frame-server.ts";

const GATEWAY = "https://gateway.example";
const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);
const turn = () => new Promise((resolve) => setImmediate(resolve));

let pushed: HospitalFrame[];
let submitted: { envelope: InboundEnvelope; respond: (outcome: IngestOutcome) => void }[];
let asked: unknown[];
let server: FrameServer;

const handshakes: Handshakes = {
  begin: (input) => {
    asked.push(input);
    return Promise.resolve({ outcome: "answer", body: bytes(3) });
  },
  finish: (input) => {
    asked.push(input);
    return Promise.resolve({ outcome: "handshake-used", body: bytes(0) });
  },
  refused: () => ({}),
};

beforeEach(() => {
  pushed = [];
  submitted = [];
  asked = [];
  server = createFrameServer(GATEWAY, (frame) => pushed.push(frame), {
    ingest: { submit: (envelope, respond) => submitted.push({ envelope, respond }) },
    handshakes,
    clock: new FakeClock(5000),
    log: silentLogger,
  });
});

const receive = (...frames: readonly UplinkFrame[]) => server.receive(encodeFrames(frames));

describe("the server of a connection", () => {
  it("grants its credit at the start", () => {
    server.start();
    expect(pushed).toEqual([{ type: "credit", count: CREDIT }]);
  });

  it("hands envelopes to ingest and answers each by sid and number", async () => {
    receive(
      { type: "envelope", sid: bytes(16, 7), number: 3, body: bytes(9) },
      { type: "envelope", sid: bytes(16, 8), number: 4, body: bytes(9) },
    );
    expect(submitted.map(({ envelope }) => envelope)).toMatchObject([
      { sid: bytes(16, 7), receivedAt: 5000 },
      { sid: bytes(16, 8), receivedAt: 5000 },
    ]);
    submitted[0]!.respond({ kind: "answer", envelope: bytes(5) });
    submitted[1]!.respond({ kind: "no-answer" });
    await turn();
    expect(pushed).toEqual([
      { type: "answer", sid: bytes(16, 7), number: 3, body: bytes(5) },
      { type: "no-answer", sid: bytes(16, 8), number: 4 },
      { type: "credit", count: 2 },
    ]);
  });

  it("gives no credit back before the outcome is known", async () => {
    receive({ type: "envelope", sid: bytes(16), number: 1, body: bytes(9) });
    await turn();
    expect(pushed).toEqual([]);
  });

  it("ends the connection of a gateway that sends more than its credit, and takes no more of it", () => {
    const frame = { type: "envelope", sid: bytes(16), number: 1, body: bytes(9) } as const;
    for (let sent = 0; sent < CREDIT; sent++) expect(receive(frame)).toBe(true);
    expect(receive(frame)).toBe(false);
    expect(submitted).toHaveLength(CREDIT);
  });

  it("takes as many again as it has answered", () => {
    const frame = { type: "envelope", sid: bytes(16), number: 1, body: bytes(9) } as const;
    for (let sent = 0; sent < CREDIT; sent++) receive(frame);
    submitted[0]!.respond({ kind: "no-answer" });
    expect([receive(frame), receive(frame)]).toEqual([true, false]);
  });

  it("answers handshakes by their id, with the gateway's url for the pass", async () => {
    receive(
      { type: "handshake-in", step: 1, id: bytes(16, 1), kid: bytes(8), body: bytes(4) },
      { type: "handshake-in", step: 3, id: bytes(16, 2), body: bytes(4) },
    );
    await turn();
    expect(asked).toEqual([
      { id: bytes(16, 1), kid: bytes(8), body: bytes(4), gateway: GATEWAY },
      { id: bytes(16, 2), body: bytes(4), gateway: GATEWAY },
    ]);
    expect(pushed).toEqual([
      { type: "handshake-out", id: bytes(16, 1), outcome: "answer", body: bytes(3) },
      { type: "handshake-out", id: bytes(16, 2), outcome: "handshake-used", body: bytes(0) },
    ]);
  });

  it("ends the connection of a gateway that has more handshakes under way than an honest one would", async () => {
    const answers: (() => void)[] = [];
    server = createFrameServer(GATEWAY, (frame) => pushed.push(frame), {
      ingest: { submit: () => undefined },
      handshakes: {
        ...handshakes,
        begin: () =>
          new Promise((resolve) => {
            answers.push(() => resolve({ outcome: "slow-down", body: bytes(0) }));
          }),
      },
      clock: new FakeClock(5000),
      log: silentLogger,
    });
    const frame = { type: "handshake-in", step: 1, id: bytes(16), kid: bytes(8), body: bytes(4) };
    const flood = Array.from({ length: MAX_HANDSHAKES / 2 }, () => frame as HandshakeStartFrame);
    expect([receive(...flood), receive(...flood)]).toEqual([true, true]);
    expect([receive(flood[0]!), answers.length]).toEqual([false, MAX_HANDSHAKES]);
    answers[0]!();
    await turn();
    expect([receive(flood[0]!), receive(flood[0]!)]).toEqual([true, false]);
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["no frame", bytes(20, 255)],
    ["a frame that only hospitals send", encodeFrames([{ type: "credit", count: 1 }])],
    ["an answer", encodeFrames([{ type: "answer", sid: bytes(16), number: 0, body: bytes(2) }])],
    [
      "an envelope and a frame cut off",
      encodeFrames([{ type: "envelope", sid: bytes(16), number: 1, body: bytes(9) }]).slice(0, -1),
    ],
  ])("ends the connection for %s, and takes nothing of it", (_title, message) => {
    expect(server.receive(message)).toBe(false);
    expect(submitted).toEqual([]);
  });
});
