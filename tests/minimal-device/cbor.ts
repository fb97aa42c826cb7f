/**
 * As much CBOR as a device needs, written from RFC 8949 for this test alone. It trusts its peer to be well formed:
 * strictness is what the project's own codec is tested for.
 */
export type Item = number | string | boolean | null | Buffer | Item[] | Map<number | string, Item>;

function head(major: number, count: number): Buffer {
  const type = major << 5;
  if (count < 24) return Buffer.from([type | count]);
  if (count < 0x100) return Buffer.from([type | 24, count]);
  if (count < 0x10000) return Buffer.from([type | 25, count >> 8, count & 0xff]);
  if (count < 0x1_0000_0000) {
    const four = Buffer.alloc(5);
    four[0] = type | 26;
    four.writeUInt32BE(count, 1);
    return four;
  }
  const eight = Buffer.alloc(9);
  eight[0] = type | 27;
  eight.writeBigUInt64BE(BigInt(count), 1);
  return eight;
}

export function encode(item: Item): Buffer {
  if (item === null) return Buffer.from([0xf6]);
  if (typeof item === "boolean") return Buffer.from([item ? 0xf5 : 0xf4]);
  if (typeof item === "number") return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === "string")
    return Buffer.concat([head(3, Buffer.byteLength(item)), Buffer.from(item)]);
  if (Buffer.isBuffer(item)) return Buffer.concat([head(2, item.length), item]);
  if (Array.isArray(item)) return Buffer.concat([head(4, item.length), ...item.map(encode)]);
  const pairs = [...item].map(([key, value]) => [encode(key), encode(value)] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
}

/** Reads one item; returns it and where the next one begins. */
export function decodeAt(bytes: Buffer, start: number): [Item, number] {
  const initial = bytes[start]!;
  const major = initial >> 5;
  const info = initial & 31;
  let at = start + 1;
  let count = info;
  if (info === 24) count = bytes.readUInt8(at++);
  else if (info === 25) [count, at] = [bytes.readUInt16BE(at), at + 2];
  else if (info === 26) [count, at] = [bytes.readUInt32BE(at), at + 4];
  else if (info === 27) [count, at] = [Number(bytes.readBigUInt64BE(at)), at + 8];
  if (major === 0) return [count, at];
  if (major === 1) return [-1 - count, at];
  if (major === 2) return [bytes.subarray(at, at + count), at + count];
  if (major === 3) return [bytes.toString("utf8", at, at + count), at + count];
  if (major === 7) return [info === 20 ? false : info === 21 ? true : null, at];
  const items: Item[] = [];
  for (let i = 0; i < count * (major - 3); i++) {
    const [item, next] = decodeAt(bytes, at);
    items.push(item);
    at = next;
  }
  if (major === 4) return [items, at];
  const map = new Map<number | string, Item>();
  for (let i = 0; i < items.length; i += 2) map.set(items[i] as number | string, items[i + 1]!);
  return [map, at];
}

export function decode(bytes: Buffer): Item {
  return decodeAt(bytes, 0)[0];
}

export function decodeSequence(bytes: Buffer): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length;) {
    const [item, next] = decodeAt(bytes, at);
    items.push(item);
    at = next;
  }
  return items;
}
