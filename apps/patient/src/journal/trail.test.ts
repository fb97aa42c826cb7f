import { fromHex, type Bytes } from "@siphms/cose";
import type { OutboxItem } from "@siphms/device";
import type { Receipt } from "@siphms/messages";
import { describe, expect, it } from "vitest";
import type { TrailSeries } from "./item-series.ts";
import {
  EMPTY_TRAIL,
  MAX_ENTRIES,
  reconciled,
  type Trail,
  withAtGateway,
  withContent,
  withKept,
  withReceipt,
  withRecorded,
} from "./trail.ts";

const NOW = 1_800_000_000_000;

function idOf(number: number, at = NOW): string {
  return at.toString(16).padStart(12, "0") + number.toString(16).padStart(20, "0");
}

function bytesOf(id: string): Bytes {
  return fromHex(id);
}

function recorded(trail: Trail, number: number, at = NOW): Trail {
  return withRecorded(trail, { messageId: bytesOf(idOf(number, at)), samples: 1 });
}

function pressure(end = NOW, last: TrailSeries["last"] = [122, 78, null]): TrailSeries {
  return { kind: 2, origin: 0, count: 1, start: end, end, last };
}

function receiptOf(id: string, changes: Partial<Receipt> = {}): Receipt {
  return {
    messageId: bytesOf(id),
    name: new Uint8Array(32),
    outcome: 0,
    received: NOW + 1,
    stored: NOW + 2,
    ...changes,
  };
}

const ONE = withContent(recorded(EMPTY_TRAIL, 1), { id: idOf(1), series: [pressure()] }, NOW);

describe("the trail of an item", () => {
  it("begins in the queue, at the time that its id names", () => {
    expect(recorded(EMPTY_TRAIL, 1).entries).toEqual([
      { id: idOf(1), created: NOW, samples: 1, state: "queued" },
    ]);
  });

  it("holds an item once, whoever tells of it first", () => {
    expect(recorded(ONE, 1)).toBe(ONE);
  });

  it("is not altered by a change of it", () => {
    const before = JSON.stringify(ONE);
    withReceipt(withAtGateway(ONE, idOf(1), NOW), idOf(1), receiptOf(idOf(1)));
    expect(JSON.stringify(ONE)).toBe(before);
  });

  it("goes by the gateway to the hospital and to the doctor's list", () => {
    const there = withAtGateway(ONE, idOf(1), NOW + 1);
    const stored = withReceipt(there, idOf(1), receiptOf(idOf(1), { informed: ["Dr Example"] }));
    expect(stored.entries[0]).toMatchObject({
      state: "stored",
      atGatewayAt: NOW + 1,
      receipt: { outcome: 0, stored: NOW + 2, informed: ["Dr Example"], held: 0, lastHeld: [null] },
    });
  });

  it("does not go back from the hospital to the gateway", () => {
    const stored = withReceipt(ONE, idOf(1), receiptOf(idOf(1)));
    expect(withAtGateway(stored, idOf(1), NOW).entries[0]?.state).toBe("stored");
  });

  it("takes no word on an item that it does not know", () => {
    expect(withReceipt(ONE, idOf(2), receiptOf(idOf(2)))).toBe(ONE);
    expect(withKept(ONE, idOf(2), { at: NOW, reason: "too-large" }).entries).toEqual(ONE.entries);
  });

  it("keeps a refusal with the hospital's reason", () => {
    const receipt = receiptOf(idOf(1), { outcome: 3, reason: "device revoked" });
    const kept = withKept(ONE, idOf(1), { at: NOW + 5, reason: "refused", receipt });
    expect(kept.entries[0]).toMatchObject({
      state: "kept",
      keptAt: NOW + 5,
      keptReason: "refused",
      receipt: { reason: "device revoked" },
    });
  });
});

describe("the newest values", () => {
  it("are the newest by their own time, not by when they were recorded", () => {
    const older = withContent(
      recorded(ONE, 2),
      { id: idOf(2), series: [pressure(NOW - 60_000, [150, 90, null])] },
      NOW,
    );
    expect(older.latest).toEqual(ONE.latest);
  });

  it("are not kept away by one that came from the future, before the clock was corrected", () => {
    const wrong = withContent(
      recorded(EMPTY_TRAIL, 1),
      { id: idOf(1), series: [pressure(NOW + 86_400_000)] },
      NOW + 86_400_000,
    );
    const right = withContent(recorded(wrong, 2), { id: idOf(2), series: [pressure(NOW)] }, NOW);
    expect(right.latest).toMatchObject([{ at: NOW, id: idOf(2) }]);
  });

  it("say at once that a value is no vital sign, and why", () => {
    const upsideDown = pressure(NOW, [80, 120, null]);
    const trail = withContent(recorded(EMPTY_TRAIL, 1), { id: idOf(1), series: [upsideDown] }, NOW);
    expect(trail.latest).toMatchObject([{ held: "pressure-order" }]);
  });

  it("learn from the receipt that the last of their samples is in quarantine", () => {
    const stored = withReceipt(
      ONE,
      idOf(1),
      receiptOf(idOf(1), { outcome: 1, quarantined: [[0, 0, "clock"]] }),
    );
    expect(stored.latest).toMatchObject([{ held: "clock" }]);
    expect(stored.entries[0]?.receipt).toMatchObject({ held: 1, lastHeld: ["clock"] });
  });

  it("are not touched by a quarantine of another sample", () => {
    const series = [{ ...pressure(), count: 3 }];
    const trail = withContent(recorded(EMPTY_TRAIL, 1), { id: idOf(1), series }, NOW);
    const receipt = receiptOf(idOf(1), { outcome: 1, quarantined: [[0, 1, "clock"]] });
    expect(withReceipt(trail, idOf(1), receipt).latest[0]).not.toHaveProperty("held");
  });

  it("are all held when the whole item is", () => {
    const receipt = receiptOf(idOf(1), { outcome: 2, reason: "binding-pending" });
    const stored = withReceipt(ONE, idOf(1), receipt);
    expect(stored.latest).toMatchObject([{ held: "binding-pending" }]);
    expect(stored.entries[0]?.receipt?.held).toBe(1);
  });
});

describe("the bounds of the trail", () => {
  it("drop the oldest by order of arrival, even after the clock was set back", () => {
    let trail = EMPTY_TRAIL;
    for (let number = 0; number < MAX_ENTRIES; number++) trail = recorded(trail, number);
    trail = recorded(trail, 9_999, NOW - 86_400_000);
    expect(trail.entries).toHaveLength(MAX_ENTRIES);
    expect(trail.entries[0]?.id).toBe(idOf(1));
    expect(trail.entries.at(-1)?.id).toBe(idOf(9_999, NOW - 86_400_000));
  });

  it("spare the item of a newest value, so that its way can always be shown", () => {
    let trail = ONE;
    for (let number = 2; number < MAX_ENTRIES + 50; number++) trail = recorded(trail, number);
    expect(trail.entries[0]?.id).toBe(idOf(1));
    expect(trail.entries).toHaveLength(MAX_ENTRIES + 1);
  });
});

describe("making up for lost events", () => {
  function item(number: number, changes: Partial<OutboxItem> = {}): OutboxItem {
    return {
      messageId: bytesOf(idOf(number)),
      created: NOW,
      samples: 2,
      state: "queued",
      ...changes,
    };
  }

  it("adds what was recorded when the app ended", () => {
    const trail = reconciled(EMPTY_TRAIL, [item(1)]);
    expect(trail.entries).toEqual([{ id: idOf(1), created: NOW, samples: 2, state: "queued" }]);
  });

  it("takes an item that is gone from the outbox for confirmed: nothing else takes one out", () => {
    const [entry] = reconciled(ONE, []).entries;
    expect(entry?.state).toBe("stored");
    expect(entry).not.toHaveProperty("receipt");
  });

  it("believes the outbox where an item stands, back to the queue as well", () => {
    const there = withAtGateway(ONE, idOf(1), NOW);
    expect(reconciled(there, [item(1, { state: "sealed" })]).entries[0]?.state).toBe("queued");
    expect(reconciled(ONE, [item(1, { state: "at-gateway" })]).entries[0]?.state).toBe(
      "at-gateway",
    );
    expect(
      reconciled(ONE, [item(1, { state: "kept", keptReason: "too-large" })]).entries[0],
    ).toMatchObject({ state: "kept", keptReason: "too-large" });
  });

  it("leaves alone what was confirmed with a receipt", () => {
    const stored = withReceipt(ONE, idOf(1), receiptOf(idOf(1)));
    expect(reconciled(stored, []).entries).toEqual(stored.entries);
  });
});
