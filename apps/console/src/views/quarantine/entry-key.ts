import type { QuarantineEntry } from "@siphms/api";

/** Names one entry on the page: values of one message that stand there for one reason. */
export function entryKey({ device, messageId, reason }: QuarantineEntry): string {
  return `${device} ${messageId} ${reason}`;
}
