import type { DeviceStatus } from "@siphms/device";
import { describe, expect, it } from "vitest";
import { stripStateOf } from "./strip-state.ts";

const calm: DeviceStatus = {
  state: "active",
  connection: "open",
  queue: { queued: 0, atGateway: 0, kept: 0, damaged: 0, samples: 0 },
  unreadable: 0,
  openNotices: 0,
  needsAttention: false,
  totals: {
    recordedItems: 0,
    recordedSamples: 0,
    receiptedItems: 0,
    receiptedSamples: 0,
    quarantinedSamples: 0,
    refusedItems: 0,
  },
};
const waiting = { ...calm.queue, queued: 1, samples: 3 };

describe("the strip", () => {
  it("is calm when everything is confirmed", () => {
    expect(stripStateOf(calm, undefined, undefined)).toEqual({ kind: "confirmed" });
  });

  it("counts what waits", () => {
    expect(stripStateOf({ ...calm, queue: waiting }, undefined, undefined)).toEqual({
      kind: "waiting",
      samples: 3,
    });
  });

  it("says that there is no connection rather than what waits for it", () => {
    const status = { ...calm, connection: "waiting", queue: waiting } as const;
    expect(stripStateOf(status, undefined, 5)).toEqual({ kind: "offline", since: 5 });
  });

  it("does not call a connection that is being made a missing one", () => {
    const status = { ...calm, connection: "connecting" } as const;
    expect(stripStateOf(status, undefined, undefined)).toEqual({ kind: "connecting" });
  });

  it.each([
    ["the hospital refuses", { needsAttention: true }],
    ["an item was not delivered", { queue: { ...calm.queue, kept: 1, samples: 1 } }],
    ["an item is damaged", { queue: { ...calm.queue, damaged: 1 } }],
  ])("asks for a person before anything else where %s", (_title, change) => {
    const status = { ...calm, connection: "waiting", ...change } as const;
    expect(stripStateOf(status, undefined, 5)).toEqual({ kind: "attention" });
  });

  it("says first of all that nothing more can be kept", () => {
    const status = { ...calm, needsAttention: true };
    expect(stripStateOf(status, "full", undefined)).toEqual({ kind: "storage" });
  });
});
