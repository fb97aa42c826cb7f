import { silentLogger } from "@siphms/server-kit";
import { describe, expect, it } from "vitest";
import { createPipeline, MAX_GROUP } from "./pipeline.ts";
import type { InboundEnvelope, IngestOutcome } from "./ports.ts";

const envelope = (n: number): InboundEnvelope => ({
  sid: new Uint8Array(16),
  body: new Uint8Array([n & 255]),
  receivedAt: n,
});
const ANSWER: IngestOutcome = { kind: "answer", envelope: new Uint8Array([1]) };
const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await turn();
};

function gate() {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

describe("the pipeline", () => {
  it("makes one group of what comes within one turn", async () => {
    const groups: number[] = [];
    const pipeline = createPipeline<InboundEnvelope>(
      {
        open: (group) => Promise.resolve(group),
        store: (group) => {
          groups.push(group.length);
          return Promise.resolve(group.map(() => ANSWER));
        },
      },
      silentLogger,
    );
    let answers = 0;
    for (let n = 0; n < 10; n++) pipeline.submit(envelope(n), () => (answers += 1));
    await turns(3);
    expect(groups).toEqual([10]);
    expect(answers).toBe(10);
  });

  it("opens the next group while one is being stored, and stores in order", async () => {
    const events: string[] = [];
    const first = gate();
    const pipeline = createPipeline<InboundEnvelope>(
      {
        open: (group) => {
          events.push(`open ${String(group[0]?.receivedAt)}`);
          return Promise.resolve(group);
        },
        store: async (group) => {
          events.push(`store ${String(group[0]?.receivedAt)}`);
          if (group[0]?.receivedAt === 1) await first.passed;
          events.push(`stored ${String(group[0]?.receivedAt)}`);
          return group.map(() => ANSWER);
        },
      },
      silentLogger,
    );
    pipeline.submit(envelope(1), () => undefined);
    await turns(2);
    pipeline.submit(envelope(2), () => undefined);
    await turns(2);
    expect(events).toEqual(["open 1", "store 1", "open 2"]);
    first.open();
    await turns(2);
    expect(events.slice(3)).toEqual(["stored 1", "store 2", "stored 2"]);
  });

  it("never makes a group larger than its limit", async () => {
    const groups: number[] = [];
    const pipeline = createPipeline<InboundEnvelope>(
      {
        open: (group) => Promise.resolve(group),
        store: (group) => {
          groups.push(group.length);
          return Promise.resolve(group.map(() => ANSWER));
        },
      },
      silentLogger,
    );
    for (let n = 0; n < 2 * MAX_GROUP + 1; n++) pipeline.submit(envelope(n), () => undefined);
    await turns(4);
    expect(groups).toEqual([MAX_GROUP, MAX_GROUP, 1]);
  });

  it("says nothing of an envelope whose outcome is unknown", async () => {
    const said: number[] = [];
    const pipeline = createPipeline<InboundEnvelope>(
      {
        open: (group) => Promise.resolve(group),
        store: (group) => Promise.resolve(group.map((_, n) => (n === 0 ? undefined : ANSWER))),
      },
      silentLogger,
    );
    for (let n = 0; n < 3; n++) pipeline.submit(envelope(n), () => said.push(n));
    await turns(3);
    expect(said).toEqual([1, 2]);
  });

  it("waits for what is being stored when it stops, and drops what has not begun", async () => {
    const storing = gate();
    const said: number[] = [];
    const pipeline = createPipeline<InboundEnvelope>(
      {
        open: (group) => Promise.resolve(group),
        store: async (group) => {
          await storing.passed;
          return group.map(() => ANSWER);
        },
      },
      silentLogger,
    );
    pipeline.submit(envelope(1), () => said.push(1));
    await turns(2);
    const stopped = pipeline.stop();
    pipeline.submit(envelope(2), () => said.push(2));
    storing.open();
    await stopped;
    await turns(2);
    expect(said).toEqual([1]);
  });
});
