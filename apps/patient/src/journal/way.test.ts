import type { OutboxItem } from "@siphms/device";
import { describe, expect, it } from "vitest";
import type { TrailEntry, TrailReceipt } from "./trail.ts";
import { wayOf, type WayStatus } from "./way.ts";

const OPEN: WayStatus = { state: "active", connection: "open", needsAttention: false };
const ENTRY: TrailEntry = {
  id: "01",
  created: 20,
  samples: 1,
  series: [{ kind: 1, origin: 0, count: 1, start: 10, end: 10, last: 70 }],
  state: "queued",
};
const RECEIPT: TrailReceipt = {
  outcome: 0,
  received: 40,
  stored: 50,
  informed: ["Dr Example"],
  name: "ff",
  held: 0,
  lastHeld: [null],
};

function itemOf(changes: Partial<OutboxItem>): OutboxItem {
  return { messageId: Uint8Array.of(1), created: 20, samples: 1, state: "queued", ...changes };
}

function states(entry: TrailEntry, item?: OutboxItem): string {
  return wayOf(entry, item, OPEN)
    .stations.map(({ name, state }) => `${name} ${state}`)
    .join(", ");
}

describe("the way of a reading", () => {
  it("waits for the gateway once it is measured, signed and queued", () => {
    expect(states(ENTRY)).toBe(
      "measured done, signed done, queued done, at-gateway now, stored ahead, informed ahead",
    );
  });

  it("waits for the hospital once the gateway has it", () => {
    expect(states({ ...ENTRY, state: "at-gateway", atGatewayAt: 30 })).toContain(
      "at-gateway done, stored now, informed ahead",
    );
  });

  it("ends on the doctor's list with all times", () => {
    const way = wayOf(
      { ...ENTRY, state: "stored", atGatewayAt: 30, receipt: RECEIPT },
      undefined,
      OPEN,
    );
    expect(way.stations.map(({ at }) => at)).toEqual([10, 20, 20, 30, 50, 50]);
    expect(way.stations.every(({ state }) => state === "done")).toBe(true);
    expect(way.informed).toEqual(["Dr Example"]);
    expect(way).not.toHaveProperty("hold");
  });

  it("says that the gateway passed it on within its answer, where that is why there is no time", () => {
    const stored: TrailEntry = { ...ENTRY, state: "stored", receipt: RECEIPT };
    expect(wayOf(stored, undefined, OPEN).stations[3]).toEqual({
      name: "at-gateway",
      state: "done",
      isPassedOn: true,
    });
    const missed: TrailEntry = { ...ENTRY, state: "stored" };
    expect(wayOf(missed, undefined, OPEN).stations[3]).toEqual({
      name: "at-gateway",
      state: "done",
    });
  });

  it("promises no doctor's list where the receipt names nobody", () => {
    const stored: TrailEntry = { ...ENTRY, state: "stored", receipt: { ...RECEIPT, informed: [] } };
    expect(states(stored)).not.toContain("informed");
  });

  it("claims no time that nobody noted", () => {
    const way = wayOf({ id: "01", created: 20, samples: 1, state: "stored" }, undefined, OPEN);
    expect(way.stations.map(({ at }) => at)).toEqual([undefined, 20, 20, undefined, undefined]);
  });

  it("believes the outbox more than the trail: an item that was sent back to the queue waits there", () => {
    expect(states({ ...ENTRY, state: "at-gateway" }, itemOf({ state: "sealed" }))).toContain(
      "at-gateway now",
    );
  });

  it("stops where it is kept, with both reasons", () => {
    const item = itemOf({ state: "kept", keptReason: "refused", receiptReason: "revoked" });
    const way = wayOf(ENTRY, item, OPEN);
    expect(states(ENTRY, item)).toContain("queued done, at-gateway stopped");
    expect(way.hold).toEqual({ kind: "kept", reason: "refused", receiptReason: "revoked" });
  });

  it("says that staff have to confirm the phone first", () => {
    expect(wayOf(ENTRY, undefined, { ...OPEN, state: "pending" }).hold).toEqual({
      kind: "unconfirmed-device",
    });
  });

  it("says why there is no connection and when the next try is", () => {
    const status: WayStatus = {
      ...OPEN,
      connection: "waiting",
      lastError: { code: "NETWORK_UNREACHABLE", at: 1 },
      nextTryAt: 99,
      needsAttention: true,
    };
    expect(wayOf(ENTRY, undefined, status).hold).toEqual({
      kind: "no-connection",
      code: "NETWORK_UNREACHABLE",
      nextTryAt: 99,
      needsAttention: true,
    });
  });

  it("is held up by nothing while there is a session, whatever went wrong before", () => {
    const status: WayStatus = { ...OPEN, lastError: { code: "NETWORK_TIMEOUT", at: 1 } };
    expect(wayOf(ENTRY, undefined, status)).not.toHaveProperty("hold");
  });

  it("holds nothing up that was stored, whatever the connection", () => {
    const stored: TrailEntry = { ...ENTRY, state: "stored", receipt: RECEIPT };
    expect(wayOf(stored, undefined, { ...OPEN, connection: "waiting" })).not.toHaveProperty("hold");
  });

  it("names the reason of a quarantine, of the item where no sample has one", () => {
    const held = { ...RECEIPT, held: 1, lastHeld: ["clock"] };
    expect(wayOf({ ...ENTRY, state: "stored", receipt: held }, undefined, OPEN)).toMatchObject({
      held: 1,
      heldReason: "clock",
    });
    const whole = { ...RECEIPT, held: 1, lastHeld: [""], reason: "binding-pending" };
    expect(wayOf({ ...ENTRY, state: "stored", receipt: whole }, undefined, OPEN)).toMatchObject({
      heldReason: "binding-pending",
    });
  });
});
