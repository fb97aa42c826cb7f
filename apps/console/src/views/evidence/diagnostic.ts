import {
  CoseError,
  decodeCbor,
  toHex,
  type Bytes,
  type CborMap,
  type CborValue,
} from "@siphms/cose";

const INDENT = "  ";

/**
 * CBOR as people read it: diagnostic notation, one entry a line. Byte strings that hold an array or a map themselves are
 * written as what they hold, in `<< >>`.
 *
 * @returns The bytes in hexadecimal where they are no CBOR that the protocol knows.
 * @see RFC 8949 §8, RFC 8610 §G.3
 */
export function diagnosticOf(bytes: Bytes): string {
  const value = decodedOrNot(bytes);
  return value === undefined ? `h'${toHex(bytes)}'` : write(value, "");
}

function decodedOrNot(bytes: Bytes): CborValue | undefined {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    if (error instanceof CoseError) return undefined;
    throw error;
  }
}

function write(value: CborValue, indent: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") {
    return String(value);
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return writeBytes(value, indent);
  if (value instanceof Map) {
    const map: CborMap = value;
    const members = [...map].map(
      ([key, member]) => `${JSON.stringify(key)}: ${write(member, indent + INDENT)}`,
    );
    return lines(members, { open: "{", close: "}", indent });
  }
  const items: readonly CborValue[] = Array.isArray(value) ? value : [];
  const written = items.map((item) => write(item, indent + INDENT));
  return lines(written, { open: "[", close: "]", indent });
}

/** Nobody gains by seeing a long run of bytes as an array by chance: only containers are opened. */
function writeBytes(bytes: Bytes, indent: string): string {
  const held = bytes.length > 1 ? decodedOrNot(bytes) : undefined;
  const isContainer = held instanceof Map || Array.isArray(held);
  return isContainer ? `<< ${write(held, indent)} >>` : `h'${toHex(bytes)}'`;
}

function lines(
  items: readonly string[],
  { open, close, indent }: Readonly<Record<"close" | "indent" | "open", string>>,
): string {
  if (items.length === 0) return `${open}${close}`;
  const inner = items.map((item) => `${indent}${INDENT}${item}`).join(",\n");
  return `${open}\n${inner}\n${indent}${close}`;
}
