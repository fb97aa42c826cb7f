import {
  beginTransfer,
  type RecordResult,
  resumeAfter,
  stepTransfer,
  type Transfer,
  type TransferEvent,
} from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { hex } from "./testing/hex.ts";

const begun = beginTransfer({ kind: "all" }).transfer;

function after(...events: readonly TransferEvent[]): Transfer {
  return events.reduce((transfer, event) => stepTransfer(transfer, event).transfer, begun);
}

function record(sequence: number): TransferEvent {
  return { kind: "record", sequence };
}

function answer(result: RecordResult, request = 1): TransferEvent {
  return { kind: "response", response: { kind: "result", request, result } };
}

const ABORT: TransferEvent = { kind: "abort" };
const LOST: TransferEvent = { kind: "lost" };

describe("a transfer of stored records", () => {
  it("begins by asking", () => {
    expect(beginTransfer({ kind: "from", sequence: 38 }).write).toEqual(hex("01 03 01 26 00"));
    expect(begun).toMatchObject({ state: "receiving", records: 0 });
  });

  it("is complete when the meter says so, and goes on behind its highest number", () => {
    const transfer = after(record(37), record(38), answer("success"));
    expect(transfer).toMatchObject({ state: "ended", outcome: "complete", records: 2 });
    expect(resumeAfter(transfer)).toBe(38);
  });

  it("is complete without a record too", () => {
    const transfer = after(answer("no-records"));
    expect(transfer).toMatchObject({ outcome: "complete", result: "no-records" });
    expect(resumeAfter(transfer)).toBeUndefined();
  });

  it.each([
    ["not-completed", "failed"],
    ["unknown", "failed"],
    ["operator-not-supported", "refused"],
    ["op-code-not-supported", "refused"],
    ["operand-not-supported", "refused"],
    ["invalid-operand", "refused"],
    ["invalid-operator", "refused"],
  ] as const)("that ends with %s has %s", (result, outcome) => {
    expect(after(answer(result))).toMatchObject({ state: "ended", outcome, result });
  });

  it("that is cut off goes on behind the last record, if they came in order", () => {
    const transfer = after(record(5), record(7), LOST);
    expect(transfer).toMatchObject({ outcome: "lost", result: undefined });
    expect(resumeAfter(transfer)).toBe(7);
  });

  it("that is cut off while the newest come first does not leave the older ones behind", () => {
    expect(resumeAfter(after(record(9), record(8), LOST))).toBeUndefined();
    expect(resumeAfter(after(record(9), record(9), LOST))).toBeUndefined();
    expect(resumeAfter(after(record(9), record(8), answer("success")))).toBe(9);
  });

  it("with a record that could not be read asks for it again", () => {
    const transfer = after(record(5), { kind: "unreadable" }, record(7), answer("success"));
    expect(transfer).toMatchObject({ outcome: "complete", unreadable: 1, records: 2 });
    expect(resumeAfter(transfer)).toBeUndefined();
  });

  it("is aborted once, by asking", () => {
    const first = stepTransfer(begun, ABORT);
    expect(first.write).toEqual(hex("03 00"));
    expect(first.transfer.state).toBe("aborting");
    expect(stepTransfer(first.transfer, ABORT)).toEqual({ ...first, write: undefined });
    expect(after(ABORT, answer("success", 3))).toMatchObject({ outcome: "aborted" });
  });

  it("goes on counting records until the meter has stopped", () => {
    expect(after(ABORT, record(1), answer("success", 3))).toMatchObject({ records: 1 });
  });

  it("goes on when the meter cannot stop", () => {
    const transfer = after(ABORT, answer("abort-failed", 3));
    expect(transfer).toMatchObject({ state: "receiving", outcome: undefined });
    expect(stepTransfer(transfer, ABORT).write).toEqual(hex("03 00"));
  });

  it("is complete when its end and the wish to abort cross", () => {
    expect(after(record(1), ABORT, answer("success"))).toMatchObject({ outcome: "complete" });
  });

  it("takes no notice of answers to something else", () => {
    const count: TransferEvent = { kind: "response", response: { kind: "count", count: 3 } };
    for (const event of [count, answer("success", 4), answer("success", 3)])
      expect(after(event)).toEqual(begun);
  });

  it("takes no notice of anything after its end", () => {
    const ended = after(record(1), answer("success"));
    for (const event of [record(2), answer("not-completed"), ABORT, LOST])
      expect(stepTransfer(ended, event)).toEqual({ transfer: ended, write: undefined });
  });

  it("does not alter the state that it is given", () => {
    const frozen = Object.freeze({ ...begun });
    for (const event of [record(1), ABORT, LOST, answer("success")]) stepTransfer(frozen, event);
    expect(frozen).toEqual(begun);
  });
});
