import { createCredential, createWebCrypto, DEVICE_SUB, type Bytes } from "@siphms/cose";
import { createFetchHttp, openDevice, type Device } from "@siphms/device";
import { createMessageId, encodeReadings, sealEnvelope, signMessage, TYP } from "@siphms/messages";
import { browserClock } from "../../apps/patient/src/clock.ts";
import { openDatabase } from "../../apps/patient/src/storage/database.ts";
import { createIndexedStore } from "../../apps/patient/src/storage/indexed-store.ts";

/** Runs in Chromium, on the patient app's origin: the app's own engine and storage, without its screens. */

const SAMPLES = 60;
const STEP_MS = 1_000;
const crypto = createWebCrypto();
/** Both measurements are of a store that is thrown away. */
const STORE_KEY = new Uint8Array(32).fill(7);

function minute(start: number): Parameters<Device["record"]>[0] {
  const values = Array.from(crypto.randomBytes(SAMPLES), (byte) => 60 + (byte % 40));
  return [{ kind: 1, start, step: STEP_MS, values, origin: 0 }];
}

/** The browser's clock has steps of a tenth of a millisecond: each round is of so many. */
const PER_ROUND = 20;

/** Milliseconds for a minute of heart rates, once for each round: to encode and sign it, and to seal it. */
export async function seal(
  rounds: number,
): Promise<{ readonly sign: number[]; readonly seal: number[] }> {
  const key = await crypto.generateSigningKey();
  const sender = await createCredential(DEVICE_SUB, key.publicPoint, crypto);
  const random = (bytes: number): Bytes => crypto.randomBytes(bytes);
  const keys = {
    ...{ sid: random(16), keyUp: random(32), ivUp: random(12) },
    ...{ keyDown: random(32), ivDown: random(12) },
  };
  const times = { sign: new Array<number>(), seal: new Array<number>() };
  const sign = async (): Promise<Bytes> => {
    const created = Date.now();
    const messageId = createMessageId(created, crypto);
    const series = minute(created - SAMPLES * STEP_MS);
    const payload = encodeReadings({ messageId, created, series });
    const recipientThumbprint = sender.thumbprint;
    const message = { typ: TYP.readings, payload, sender, recipientThumbprint, key };
    return (await signMessage(message, crypto)).signed;
  };
  for (let round = 0; round < rounds; round++) {
    const signed: Bytes[] = [];
    const begin = performance.now();
    for (let each = 0; each < PER_ROUND; each++) signed.push(await sign());
    const middle = performance.now();
    for (const [each, one] of signed.entries()) {
      const seq = round * PER_ROUND + each;
      await sealEnvelope({ keys, direction: 0, seq, signed: one }, crypto);
    }
    times.sign.push((middle - begin) / PER_ROUND);
    times.seal.push((performance.now() - middle) / PER_ROUND);
  }
  return times;
}

async function open(): Promise<Device> {
  const database = await openDatabase({ onClosed: () => undefined });
  const ports = {
    ...{ clock: browserClock, crypto, store: createIndexedStore(database) },
    http: createFetchHttp(globalThis.fetch.bind(globalThis)),
  };
  return openDevice(ports, { storeKey: STORE_KEY });
}

/** Enrols a device and fills its queue with so many items; nothing is sent. */
export async function fill(link: string, items: number): Promise<void> {
  const device = await open();
  await device.enrol(link, { deviceName: "bench" });
  for (let item = 0; item < items; item++) {
    const start = device.now() - SAMPLES * STEP_MS;
    await device.record(minute(start));
  }
}

/** Milliseconds until the queue that {@link fill} left is open, and how many items it has. */
export async function openQueue(): Promise<{ readonly ms: number; readonly items: number }> {
  const begin = performance.now();
  const device = await open();
  return { ms: performance.now() - begin, items: device.items().length };
}
