import { MAX_UPLINK_CREDIT, type GatewayFrame } from "@siphms/relay";
import { beforeEach, describe, expect, it } from "vitest";
import { randomSid } from "../testing/fake-hospital.ts";
import { createUnsafeMemoryQueueStore } from "../testing/memory-queue-store.ts";
import { bytes, createMovableClock, TEST_LIMITS, text } from "../testing/test-gateway.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { createHandshakes } from "./handshakes.ts";
import { MAX_UPLINK_BACKLOG_BYTES } from "./limits.ts";
import type { QueueStore } from "./ports.ts";
import { createWaits } from "./waits.ts";

let store: QueueStore;
let sent: string[];
let backlog: number;
let delivery: Delivery;
let turns: (() => void)[];
const sid = randomSid();

function runTurns(): void {
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn();
}

async function put(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await store.enqueue({ hospital: "h", sid, body: bytes(body), at: 1 });
}

beforeEach(() => {
  store = createUnsafeMemoryQueueStore({
    ...TEST_LIMITS,
    sessionEnvelopes: 100_000,
    hospitalEnvelopes: 100_000,
  });
  sent = [];
  backlog = 0;
  turns = [];
  delivery = createDelivery({
    hospital: "h",
    store,
    link: {
      send: (frame: GatewayFrame) => void sent.push(text("body" in frame ? frame.body : bytes(""))),
      backlogBytes: () => backlog,
      close: () => undefined,
    },
    schedule: (run) => void turns.push(run),
  });
});

describe("the delivery to a hospital", () => {
  it("sends each envelope once, in order, as far as credit goes", async () => {
    await put("a", "b", "c");
    delivery.credit(2);
    delivery.wake();
    runTurns();
    expect(sent).toEqual(["a", "b"]);
    delivery.wake();
    runTurns();
    expect(sent).toEqual(["a", "b"]);
    delivery.credit(5);
    runTurns();
    await put("d");
    delivery.wake();
    runTurns();
    expect(sent).toEqual(["a", "b", "c", "d"]);
  });

  it("rests while too much has not left yet, and goes on when it has", async () => {
    await put("a");
    backlog = MAX_UPLINK_BACKLOG_BYTES + 1;
    delivery.credit(1);
    runTurns();
    expect(sent).toEqual([]);
    backlog = 0;
    delivery.wake();
    runTurns();
    expect(sent).toEqual(["a"]);
  });

  it("looks into the queue once a turn, however often it is woken", () => {
    delivery.credit(1);
    for (let count = 0; count < 10; count += 1) delivery.wake();
    expect(turns).toHaveLength(1);
  });

  it("sends nothing after it was stopped", async () => {
    await put("a");
    delivery.credit(1);
    delivery.stop();
    runTurns();
    delivery.wake();
    runTurns();
    expect(sent).toEqual([]);
  });

  it("cuts credit to the most that a hospital can be granted", async () => {
    await put(...Array<string>(MAX_UPLINK_CREDIT + 10).fill("x"));
    for (let count = 0; count < 3; count += 1) delivery.credit(2 ** 32 - 1);
    runTurns();
    expect(sent).toHaveLength(MAX_UPLINK_CREDIT);
  });
});

describe("waits", () => {
  const forever = { timeoutMs: 60_000, onGone: () => undefined };

  it("give an event to all who wait for its key, and to nobody else", async () => {
    const waits = createWaits<string, number>(4);
    const [one, two, other] = [
      waits.next("a", forever),
      waits.next("a", forever),
      waits.next("b", forever),
    ];
    waits.tell("a", 7);
    waits.endAll();
    expect(await Promise.all([one, two, other])).toEqual([7, 7, undefined]);
  });

  it("hold nothing when nobody waits", async () => {
    const waits = createWaits<string, number>(4);
    let cancel: () => void = () => undefined;
    const gone = waits.next("a", { timeoutMs: 60_000, onGone: (end) => (cancel = end) });
    const timedOut = waits.next("b", { timeoutMs: 1, onGone: () => undefined });
    expect(waits.size()).toBe(2);
    cancel();
    cancel();
    expect([await gone, await timedOut, waits.size()]).toEqual([undefined, undefined, 0]);
  });

  it("end the oldest of a key when there are too many", async () => {
    const waits = createWaits<string, number>(1);
    const oldest = waits.next("a", forever);
    const newest = waits.next("a", forever);
    expect(await oldest).toBeUndefined();
    waits.tell("a", 1);
    expect(await newest).toBe(1);
  });

  it("do not begin without a time, or after all were ended", async () => {
    const waits = createWaits<string, number>(4);
    expect(await waits.next("a", { ...forever, timeoutMs: 0 })).toBeUndefined();
    waits.endAll();
    expect(await waits.next("a", forever)).toBeUndefined();
  });
});

describe("handshakes", () => {
  const clock = createMovableClock();
  let frames: GatewayFrame[];

  const relay = (maxInFlight = 10) =>
    createHandshakes({
      send: (_hospital, frame) => frames.push(frame) > 0,
      clock,
      maxInFlight,
      maxInFlightPerHospital: maxInFlight,
    });

  const idOf = (frame: GatewayFrame | undefined): Uint8Array<ArrayBuffer> =>
    frame?.type === "handshake-in" ? frame.id : bytes("");

  beforeEach(() => {
    frames = [];
  });

  it("take an answer from the hospital that was asked, and from no other", async () => {
    const handshakes = relay();
    const result = handshakes.start("h", new Uint8Array(8), bytes("1"));
    const answer = { type: "handshake-out", id: idOf(frames[0]), outcome: "answer" } as const;
    handshakes.answered("stranger", { ...answer, body: bytes("forged") });
    handshakes.answered("h", { ...answer, body: bytes("2") });
    const { kind, ...rest } = await result;
    expect([kind, "body" in rest && text(rest.body), handshakes.inFlight()]).toEqual([
      "answer",
      "2",
      0,
    ]);
  });

  it("refuse above the limit of all hospitals together", async () => {
    const handshakes = relay(1);
    const first = handshakes.start("h", new Uint8Array(8), bytes("1"));
    expect(await handshakes.start("h2", new Uint8Array(8), bytes("1"))).toMatchObject({
      problem: "slow-down",
    });
    handshakes.hospitalLeft("h");
    expect(await first).toMatchObject({ problem: "hospital-away" });
  });

  it("end those of a hospital that leaves, and not those of others", async () => {
    const handshakes = relay();
    const mine = handshakes.start("h", new Uint8Array(8), bytes("1"));
    void handshakes.start("h2", new Uint8Array(8), bytes("1"));
    handshakes.hospitalLeft("h");
    expect(await mine).toMatchObject({ problem: "hospital-away" });
    expect(handshakes.inFlight()).toBe(1);
    handshakes.hospitalLeft("h2");
  });
});
