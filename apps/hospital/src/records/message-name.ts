import { toHex, type Bytes } from "@siphms/cose";
import { MESSAGE_ID_BYTES } from "@siphms/messages";

/** How interfaces name a message and its device. */
export function nameMessage({
  kid,
  messageId,
}: {
  readonly kid: Bytes;
  readonly messageId: Bytes;
}): { readonly device: string; readonly messageId: string } {
  return { device: base64Url(kid), messageId: base64Url(messageId) };
}

/** A message-id as interfaces write it; `undefined` for a text that is none, or not the one form of its bytes. */
export function parseMessageId(text: string): Bytes | undefined {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  return bytes.length === MESSAGE_ID_BYTES && base64Url(bytes) === text ? bytes : undefined;
}

/** One text for each message: two devices may have used one message-id. */
export function keyOfMessage({
  deviceId,
  messageId,
}: {
  readonly deviceId: number;
  readonly messageId: Bytes;
}): string {
  return `${String(deviceId)}/${toHex(messageId)}`;
}

/** As `toBase64Url`, in a tenth of its time: a day of a patient has a thousand messages. */
function base64Url({ buffer, byteOffset, length }: Bytes): string {
  return Buffer.from(buffer, byteOffset, length).toString("base64url");
}
