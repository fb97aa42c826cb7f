import { equalBytes, type Bytes } from "@siphms/cose";
import { parseReceipt, type Receipt } from "@siphms/messages";
import type { AuditWatch } from "./audit-watch.ts";
import type { Outbox } from "./outbox.ts";
import type { PlainOperation, SealedStore } from "./sealed-store.ts";
import type { DeviceEvent } from "./status.ts";

/** What {@link takeReceipt} needs. */
export interface ReceiptContext {
  readonly outbox: Outbox;
  readonly audit: AuditWatch;
  readonly store: SealedStore;
  readonly emit: (event: DeviceEvent) => void;
  /** ms, this device's clock. */
  readonly now: () => number;
}

/**
 * Takes a receipt that was verified under the hospital key of its session (protocol section 6, "Device").
 *
 * Frees an item only if the receipt names its message-id *and* its name, with outcome 0, 1 or 2. Outcome 3 keeps the
 * item, shown. A receipt for something that is not in the outbox (any more) changes nothing; one for another content
 * under the same id changes nothing and raises an alarm. Whichever it is, the state of the audit log that it names counts.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @throws {DeviceError} `STORE_FAILED`.
 */
export async function takeReceipt(payload: Bytes, context: ReceiptContext): Promise<void> {
  const { audit, emit, now } = context;
  const receipt = parseReceipt(payload);
  const before = audit.alarm;
  const noted = receipt.audit === undefined ? [] : audit.note(receipt.audit, now());
  await settle(receipt, noted, context);
  if (audit.alarm !== before) emit({ type: "alarm", alarm: "audit-history" });
}

async function settle(
  receipt: Receipt,
  noted: readonly PlainOperation[],
  { outbox, store, emit }: ReceiptContext,
): Promise<void> {
  const item = outbox.find(receipt.messageId);
  const isOurs = item !== undefined && equalBytes(item.name, receipt.name);
  if (!isOurs) {
    if (noted.length > 0) await store.batch(noted);
    if (item !== undefined) emit({ type: "alarm", alarm: "receipt-mismatch" });
  } else if (receipt.outcome === 3) await outbox.keepRefused(receipt, noted);
  else await outbox.free(receipt, noted);
}
