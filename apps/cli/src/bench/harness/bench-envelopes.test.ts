import { createCredential, DEVICE_SUB, hospitalSub } from "@siphms/cose";
import type { Bytes, SigningKey } from "@siphms/cose";
import {
  encodeReceipt,
  encodeResponse,
  openEnvelope,
  parseReadings,
  samples,
  sealEnvelope,
  signMessage,
  TYP,
  verifySigned,
} from "@siphms/messages";
import type { Typ } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";
import { beforeAll, describe, expect, it } from "vitest";

import type { BenchSession } from "./bench-device.ts";
import { checkReceipt, SAMPLES_PER_ENVELOPE, sealReadings } from "./bench-envelopes.ts";
import type { SealedItem } from "./bench-envelopes.ts";

const CREATED = 1_767_225_600_000;
const crypto = createNodeCrypto();
let hospitalKey: SigningKey;
let session: BenchSession;
let item: SealedItem;

beforeAll(async () => {
  const key = await crypto.generateSigningKey();
  hospitalKey = await crypto.generateSigningKey();
  const point = hospitalKey.publicPoint;
  session = {
    device: {
      key,
      credential: await createCredential(DEVICE_SUB, key.publicPoint, crypto),
      hospitalId: "test",
      hospital: {
        credential: await createCredential(hospitalSub("test"), point, crypto),
        verifyKey: await crypto.importVerifyKey(point),
      },
    },
    keys: {
      sid: crypto.randomBytes(16),
      keyUp: crypto.randomBytes(32),
      ivUp: crypto.randomBytes(12),
      keyDown: crypto.randomBytes(32),
      ivDown: crypto.randomBytes(12),
    },
    pass: "pass",
    expires: CREATED + 1,
    nextSeq: 0,
  };
  item = await sealReadings(session, CREATED);
});

/** What a hospital would answer with this payload. */
async function answer(typ: Typ, payload: Bytes, key = hospitalKey): Promise<Bytes> {
  const { device, keys } = session;
  const { signed } = await signMessage(
    {
      typ,
      payload,
      sender: device.hospital.credential,
      recipientThumbprint: device.credential.thumbprint,
      key,
    },
    crypto,
  );
  return sealEnvelope({ keys, direction: 1, seq: 0, signed }, crypto);
}

function receipt(changes: { outcome?: 0 | 1; name?: Bytes; messageId?: Bytes } = {}): Bytes {
  const { messageId, name } = item;
  return encodeReceipt({
    messageId,
    name,
    outcome: 0,
    received: CREATED,
    stored: CREATED,
    ...(changes.outcome === 1 ? { quarantined: [[0, 0, "out-of-range"] as const] } : {}),
    ...changes,
  });
}

describe("an envelope of a bench", () => {
  it("holds a minute of heart rates up to the time it was signed, and takes the next number", async () => {
    const before = session.nextSeq;
    const { envelope, messageId, name } = await sealReadings(session, CREATED);
    const { keys, device } = session;
    const opened = await openEnvelope({ bytes: envelope, keys, direction: 0 }, crypto);
    expect(opened.seq).toBe(before);
    expect(session.nextSeq).toBe(before + 1);
    const sender = {
      ...device.credential,
      key: await crypto.importVerifyKey(device.key.publicPoint),
    };
    const recipientThumbprint = device.hospital.credential.thumbprint;
    const { signed } = opened;
    const verified = await verifySigned({ signed, sender, recipientThumbprint }, crypto);
    expect(verified.name).toEqual(name);
    const readings = parseReadings(verified.payload);
    expect(readings.messageId).toEqual(messageId);
    const all = readings.series.flatMap((series) => [...samples(series)]);
    expect(all).toHaveLength(SAMPLES_PER_ENVELOPE);
    expect(all.at(-1)?.at).toBe(CREATED);
  });
});

describe("the check of a receipt", () => {
  it("takes the hospital's receipt for this item, stored", async () => {
    await checkReceipt(session, item, await answer(TYP.receipt, receipt()));
  });

  it("refuses one that speaks of quarantine", async () => {
    const envelope = await answer(TYP.receipt, receipt({ outcome: 1 }));
    await expect(checkReceipt(session, item, envelope)).rejects.toThrow("outcome 1");
  });

  it("refuses one with another name", async () => {
    const envelope = await answer(TYP.receipt, receipt({ name: crypto.randomBytes(32) }));
    await expect(checkReceipt(session, item, envelope)).rejects.toThrow("not for what was sent");
  });

  it("refuses one with another message-id", async () => {
    const envelope = await answer(TYP.receipt, receipt({ messageId: crypto.randomBytes(16) }));
    await expect(checkReceipt(session, item, envelope)).rejects.toThrow("not for what was sent");
  });

  it("refuses one that another key signed", async () => {
    const other = await crypto.generateSigningKey();
    const envelope = await answer(TYP.receipt, receipt(), other);
    await expect(checkReceipt(session, item, envelope)).rejects.toThrow("SIGNED_UNAUTHENTIC");
  });

  it("refuses an answer that is no receipt", async () => {
    const payload = encodeResponse({ requestId: item.messageId, error: 0, result: new Map() });
    const envelope = await answer(TYP.response, payload);
    await expect(checkReceipt(session, item, envelope)).rejects.toThrow("without a receipt");
  });

  it("refuses no answer at all", async () => {
    await expect(checkReceipt(session, item, new Uint8Array())).rejects.toThrow("ENVELOPE");
  });
});
