import { afterEach, beforeEach, expect, describe, it, vi } from "vitest";
import type { InboundEnvelope, IngestOutcome } from "../ingest/index.ts";
import { createEnvelopeWatch, type EnvelopeWatch } from "./envelope-watch.ts";

const envelope: InboundEnvelope = {
  sid: new Uint8Array(16),
  body: new Uint8Array(1),
  receivedAt: 0,
};
let responses: ((outcome: IngestOutcome) => void)[];
let outcomes: IngestOutcome[];
let watch: EnvelopeWatch;

beforeEach(() => {
  vi.useFakeTimers();
  responses = [];
  outcomes = [];
  watch = createEnvelopeWatch();
});

afterEach(() => {
  vi.useRealTimers();
});

function submit(): void {
  const ingest = watch.over({ submit: (_envelope, respond) => responses.push(respond) });
  ingest.submit(envelope, (outcome) => outcomes.push(outcome));
}

describe("a watch over envelopes", () => {
  it("is not busy before any came", () => {
    expect(watch.isBusy()).toBe(false);
  });

  it("is busy while one is being dealt with, however long, and a moment longer", () => {
    submit();
    vi.advanceTimersByTime(60_000);
    expect(watch.isBusy()).toBe(true);
    responses[0]?.({ kind: "no-answer" });
    expect([watch.isBusy(), outcomes]).toEqual([true, [{ kind: "no-answer" }]]);
    vi.advanceTimersByTime(99);
    expect(watch.isBusy()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(watch.isBusy()).toBe(false);
  });

  it("is busy until the last of several is dealt with", () => {
    submit();
    submit();
    responses[1]?.({ kind: "no-answer" });
    vi.advanceTimersByTime(1000);
    expect(watch.isBusy()).toBe(true);
    responses[0]?.({ kind: "no-answer" });
    vi.advanceTimersByTime(1000);
    expect(watch.isBusy()).toBe(false);
  });
});
