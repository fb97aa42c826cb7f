import { MAX_UPLINK_CREDIT, type GatewayFrame } from "@siphms/relay";
import { beforeEach, describe, expect, it } from "vitest";
import { randomSid } from "../testing/fake-hospital.ts";
import { createUnsafeMemoryQueueStore } from "../testing/memory-queue-store.ts";
import { bytes, TEST_LIMITS, text } from "../testing/test-gateway.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { MAX_UPLINK_BACKLOG_BYTES } from "./limits.ts";
import type { QueueStore } from "./ports.ts";

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
