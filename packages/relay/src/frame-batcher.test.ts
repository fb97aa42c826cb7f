import { createFrameBatcher, decodeFrames, type Bytes, type UplinkFrame } from "@siphms/relay";
import { beforeEach, describe, expect, it } from "vitest";

let sent: Bytes[];
let scheduled: (() => void)[];

function batcher() {
  return createFrameBatcher({
    send: (message) => sent.push(message),
    schedule: (flush) => scheduled.push(flush),
  });
}

const credit = (count: number): UplinkFrame => ({ type: "credit", count });
const large: UplinkFrame = {
  type: "answer",
  sid: new Uint8Array(16),
  number: 1,
  body: new Uint8Array(65_536),
};

beforeEach(() => {
  sent = [];
  scheduled = [];
});

describe("the frame batcher", () => {
  it("sends all frames of a turn as one message, in order, when the turn ends", () => {
    const batch = batcher();
    batch.push(credit(1));
    batch.push(credit(2));
    expect([sent.length, scheduled.length]).toEqual([0, 1]);
    scheduled[0]?.();
    expect(sent.map(decodeFrames)).toEqual([[credit(1), credit(2)]]);
  });

  it("begins a new message where one would pass 1 MiB", () => {
    const batch = batcher();
    for (let count = 0; count < 20; count += 1) batch.push(large);
    batch.flush();
    expect(sent.map((message) => decodeFrames(message).length)).toEqual([15, 5]);
  });

  it("schedules again after it has sent", () => {
    const batch = batcher();
    batch.push(credit(1));
    scheduled[0]?.();
    batch.push(credit(2));
    expect(scheduled).toHaveLength(2);
  });

  it("refuses a frame that cannot be written, and sends the others", () => {
    const batch = batcher();
    batch.push(credit(1));
    expect(() => {
      batch.push(credit(0));
    }).toThrow(RangeError);
    batch.push(credit(2));
    batch.flush();
    expect(sent.map(decodeFrames)).toEqual([[credit(1), credit(2)]]);
  });

  it("sends nothing where nothing waits", () => {
    const batch = batcher();
    batch.push(credit(1));
    batch.flush();
    batch.flush();
    scheduled[0]?.();
    expect(sent).toHaveLength(1);
  });
});
