import type { Device, OutboxItem } from "@siphms/device";
import {
  createMessageId,
  encodeReceipt,
  encodeResponse,
  sealEnvelope,
  TYP,
  type Receipt,
} from "@siphms/messages";
import { createDeviceWorld, respond, type DeviceWorld, type FakeSession } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let world: DeviceWorld;
let device: Device;
let stop: AbortController;
let running: Promise<void>;
let session: FakeSession;
let item: OutboxItem;
/** What the hospital would have said, had its answer not been swallowed. */
let receipt: Receipt;

/** One item is at the hospital, its receipt swallowed; the device waits for it. */
beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
  await world.enrolActive(device);
  const [only] = await device.record([
    { kind: 1, start: device.now(), step: 1, values: [70, 71, 72], origin: 0 },
  ]);
  item = only!;
  world.gateway.answersPosts = false;
  world.gateway.fillsMailbox = false;
  stop = new AbortController();
  running = device.run({ signal: stop.signal });
  await world.settle();
  session = world.hospital.lastSession;
  receipt = world.hospital.stored[0]!.receipt;
});

afterEach(async () => {
  stop.abort();
  await world.resolve(running);
});

/** Puts what is given into the device's mailbox and lets it act on it. */
async function bring(envelope: Uint8Array<ArrayBuffer>): Promise<void> {
  world.gateway.put(session.keys.sid, envelope);
  // Longer than the pause of the mailbox after noise, shorter than the 20 s of the item.
  await world.pass(1_500);
}

async function sealed(
  bent: Partial<Receipt> = {},
  how: Parameters<typeof world.hospital.seal>[2] = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const payload = encodeReceipt({ ...receipt, ...bent });
  return world.hospital.seal(session, { typ: TYP.receipt, payload }, how);
}

function isFreed(): boolean {
  return device.items().length === 0;
}

function alarms(): string[] {
  return world.events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
}

describe("a receipt frees its item", () => {
  it("with outcome 0", async () => {
    const before = world.clock.now();
    await bring(await sealed());
    expect(isFreed()).toBe(true);
    expect(device.status().totals).toMatchObject({ receiptedSamples: 3, quarantinedSamples: 0 });
    expect(device.status().lastReceiptAt).toBe(before);
  });

  it("with outcome 1, and says which samples are in quarantine", async () => {
    await bring(await sealed({ outcome: 1, quarantined: [[0, 1, "out-of-range"]] }));
    expect(isFreed()).toBe(true);
    expect(device.status().totals).toMatchObject({ receiptedSamples: 3, quarantinedSamples: 1 });
    const event = world.events.find(({ type }) => type === "receipted");
    expect(event).toMatchObject({
      messageId: item.messageId,
      samples: 3,
      receipt: { quarantined: [[0, 1, "out-of-range"]] },
    });
  });

  it("with outcome 2, all samples in quarantine", async () => {
    await bring(await sealed({ outcome: 2, reason: "clock" }));
    expect(isFreed()).toBe(true);
    expect(device.status().totals).toMatchObject({ receiptedSamples: 3, quarantinedSamples: 3 });
  });

  it("for good: it is not there after a restart either", async () => {
    await bring(await sealed());
    device = await world.open();
    expect(isFreed()).toBe(true);
    expect(device.status().totals).toMatchObject({ recordedItems: 1, receiptedItems: 1 });
    expect(await world.store.list("item/")).toEqual([]);
    expect(await world.store.list("delivery/")).toEqual([]);
  });

  it("once, however often it comes", async () => {
    const same = await sealed();
    await bring(same);
    await bring(same);
    await bring(await sealed());
    expect(device.status().totals.receiptedItems).toBe(1);
    expect(alarms()).toEqual([]);
  });
});

describe("outcome 3", () => {
  it("keeps the item and shows the hospital's reason, across a restart", async () => {
    await bring(await sealed({ outcome: 3, reason: "schema" }));
    const kept = { state: "kept", keptReason: "refused", receiptReason: "schema" };
    expect(device.items()).toMatchObject([kept]);
    device = await world.open();
    expect(device.items()).toMatchObject([kept]);
    expect(device.status().totals).toMatchObject({ receiptedItems: 0, refusedItems: 1 });
  });

  it("is not undone by sending again", async () => {
    await bring(await sealed({ outcome: 3, reason: "schema" }));
    await expect(device.requeue(item.messageId)).rejects.toMatchObject({ code: "ITEM_UNKNOWN" });
  });

  it("counts once", async () => {
    await bring(await sealed({ outcome: 3, reason: "schema" }));
    await bring(await sealed({ outcome: 3, reason: "schema" }));
    expect(device.status().totals.refusedItems).toBe(1);
  });
});

describe("a receipt frees nothing [HS-312c2, HS-312e2i]", () => {
  it("that names another item", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    await bring(await sealed({ messageId }));
    expect(isFreed()).toBe(false);
  });

  it("that names other content under the item's id, and that raises an alarm", async () => {
    await bring(await sealed({ name: new Uint8Array(32).fill(1) }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["receipt-mismatch"]);
  });

  it("that another key signed", async () => {
    const key = await world.hospital.createKey();
    await bring(await sealed({}, { key }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["unverifiable-message"]);
  });

  it("that the hospital's next key signed, in a session of the old one", async () => {
    const key = await world.hospital.rotate();
    await bring(await sealed({}, { key }));
    expect(isFreed()).toBe(false);
  });

  it("that was signed for another device", async () => {
    await bring(await sealed({}, { recipient: new Uint8Array(32).fill(9) }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["unverifiable-message"]);
  });

  it("that was sealed for another session", async () => {
    const other = { ...session, keys: { ...session.keys, sid: new Uint8Array(16) } };
    const payload = encodeReceipt(receipt);
    await bring(await world.hospital.seal(other, { typ: TYP.receipt, payload }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual([]);
  });

  it("that was sealed for the other direction", async () => {
    const envelope = await sealed();
    const { keys } = session;
    const up = { ...keys, keyDown: keys.keyUp, ivDown: keys.ivUp };
    const payload = encodeReceipt(receipt);
    await bring(await world.hospital.seal({ ...session, keys: up }, { typ: TYP.receipt, payload }));
    expect(isFreed()).toBe(false);
    await bring(envelope);
    expect(isFreed()).toBe(true);
  });

  it("that is an old one, replayed from an earlier session", async () => {
    const old = await sealed();
    stop.abort();
    await world.resolve(running);
    device = await world.open();
    stop = new AbortController();
    running = device.run({ signal: stop.signal });
    await world.until(() => world.hospital.lastSession !== session);
    await world.settle();
    session = world.hospital.lastSession;
    await bring(old);
    expect(isFreed()).toBe(false);
  });

  it("with any single byte changed", async () => {
    const good = await sealed();
    for (let at = 0; at < good.length; at += 7) {
      const bad = good.slice();
      bad[at]! ^= 1;
      world.gateway.put(session.keys.sid, bad);
    }
    await world.pass(1_500);
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual([]);
    expect(device.status().unreadable).toBe(Math.ceil(good.length / 7));
    await bring(good);
    expect(isFreed()).toBe(true);
  });

  it("that is no receipt but a response", async () => {
    const requestId = item.messageId;
    const payload = encodeResponse({ requestId, error: 0, result: new Map() });
    await bring(await world.hospital.seal(session, { typ: TYP.response, payload }));
    expect(isFreed()).toBe(false);
  });

  it("whose payload goes under the type of a device's message", async () => {
    const payload = encodeReceipt(receipt);
    await bring(await world.hospital.seal(session, { typ: TYP.readings, payload }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["malformed-message"]);
  });

  it("whose payload is not of the protocol's form", async () => {
    const payload = new Uint8Array(128);
    await bring(await world.hospital.seal(session, { typ: TYP.receipt, payload }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["malformed-message"]);
  });

  it("that is the device's own item, sent back", async () => {
    const { signed } = world.hospital.stored[0]!;
    const { keys } = session;
    await bring(await sealEnvelope({ keys, direction: 1, seq: 1000, signed }, world.crypto));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["unverifiable-message"]);
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["noise", new Uint8Array(300).fill(0x83)],
  ])("that is %s as the answer to the post", async (_what, body) => {
    world.gateway.intercept = ({ step }) => (step === "envelope" ? respond(200, body) : undefined);
    await device.record([{ kind: 1, start: 1, step: 0, values: [70], origin: 0 }]);
    await world.settle();
    expect(device.items()).toHaveLength(2);
    expect(alarms()).toEqual([]);
    expect(device.status().unreadable).toBeGreaterThan(0);
  });
});

describe("sequence numbers of the hospital", () => {
  it("used twice for different messages end the session with an alarm, and the second changes nothing", async () => {
    const other = createMessageId(world.clock.now(), world.crypto);
    await bring(await sealed({ messageId: other }, { seq: 500 }));
    await bring(await sealed({}, { seq: 500 }));
    expect(isFreed()).toBe(false);
    expect(alarms()).toEqual(["sequence-conflict"]);
    expect(world.events).toContainEqual({ type: "session-ended", reason: "sequence-conflict" });
  });

  it("used twice for the same bytes are passed over", async () => {
    const envelope = await sealed({}, { seq: 500 });
    await bring(envelope);
    await bring(envelope.slice());
    expect(isFreed()).toBe(true);
    expect(alarms()).toEqual([]);
    expect(world.events.filter(({ type }) => type === "session-ended")).toEqual([]);
  });

  it("may come in any order", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    await bring(await sealed({ messageId }, { seq: 900 }));
    await bring(await sealed({}, { seq: 800 }));
    expect(isFreed()).toBe(true);
    expect(alarms()).toEqual([]);
  });
});
