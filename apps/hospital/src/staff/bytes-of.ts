import { CoseError, fromBase64Url, type Bytes } from "@siphms/cose";

/** What base64url from outside says; `undefined` where it is none. */
export function bytesOf(text: string): Bytes | undefined {
  try {
    return fromBase64Url(text);
  } catch (error) {
    if (error instanceof CoseError) return undefined;
    throw error;
  }
}
