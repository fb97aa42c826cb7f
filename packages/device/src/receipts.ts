import { equalBytes, type Bytes } from "@siphms/cose";
import { parseReceipt } from "@siphms/messages";
import type { Outbox } from "./outbox.ts";
import type { DeviceEvent } from "./status.ts";

/**
 * Takes a receipt that was verified under the hospital key of its session (protocol section 6, "Device").
 *
 * Frees an item only if the receipt names its message-id *and* its name, with outcome 0, 1 or 2. Outcome 3 keeps the
 * item, shown. A receipt for something that is not in the outbox (any more) changes nothing; one for another content
 * under the same id changes nothing and raises an alarm.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @throws {DeviceError} `STORE_FAILED`.
 */
export async function takeReceipt(
  payload: Bytes,
  context: { readonly outbox: Outbox; readonly emit: (event: DeviceEvent) => void },
): Promise<void> {
  const receipt = parseReceipt(payload);
  const item = context.outbox.find(receipt.messageId);
  if (item === undefined) return;
  if (!equalBytes(item.name, receipt.name)) {
    context.emit({ type: "alarm", alarm: "receipt-mismatch" });
    return;
  }
  if (receipt.outcome === 3) await context.outbox.keepRefused(receipt);
  else await context.outbox.free(receipt);
}
