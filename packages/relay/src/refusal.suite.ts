import { RelayError } from "@siphms/relay";

/** The code with which a reader refuses, or what happened instead; for tests. */
export function refusal(read: () => unknown): string {
  try {
    read();
    return "not refused";
  } catch (error) {
    if (error instanceof RelayError) return error.code;
    return error instanceof Error ? error.name : "thrown";
  }
}

/** The same bytes in an array whose `slice` shares memory, as that of Node's `Buffer` does; for tests. */
export function sharing(bytes: Uint8Array): Uint8Array {
  const copy = new SharingBytes(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

class SharingBytes extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}
