import {
  createWebCrypto,
  encodeCbor,
  fromHex,
  openEncrypt0,
  parseEncrypt0,
  sealEncrypt0,
  type Bytes,
  type CborKey,
  type CborMap,
  type CborValue,
} from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";

const crypto = createWebCrypto();
const protectedMap: CborMap = new Map<CborKey, CborValue>([
  [1, 3],
  [6, fromHex("00")],
]);
const opening = {
  externalAad: fromHex("83010050"),
  key: new Uint8Array(32).fill(3),
  nonce: new Uint8Array(12).fill(4),
};
const plaintext = new TextEncoder().encode("a plaintext of no meaning");
let sealed: Bytes;

beforeAll(async () => {
  sealed = await sealEncrypt0({ protectedMap, plaintext, ...opening }, crypto);
});

describe("COSE_Encrypt0", () => {
  it("opens what was sealed", async () => {
    const encrypt0 = parseEncrypt0(sealed);
    expect(encrypt0.protectedMap).toEqual(protectedMap);
    expect(encrypt0.ciphertext.length).toBe(plaintext.length + 16);
    expect(await openEncrypt0(encrypt0, opening, crypto)).toEqual(plaintext);
  });

  it("is refused when any one byte of it is changed [HS-312e2i]", async () => {
    for (let i = 0; i < sealed.length; i++) {
      const changed = new Uint8Array(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await opens(changed)).toBe(false);
    }
  });

  it("does not open under another context, key or nonce [HS-312e2ii]", async () => {
    const encrypt0 = parseEncrypt0(sealed);
    const wrong = [
      { ...opening, externalAad: fromHex("83010150") },
      { ...opening, key: new Uint8Array(32) },
      { ...opening, nonce: new Uint8Array(12) },
    ];
    for (const other of wrong) {
      expect(await openEncrypt0(encrypt0, other, crypto)).toBeUndefined();
    }
  });

  const header = fromHex("a10103");
  const ciphertext = new Uint8Array(40);
  const empty = new Map<CborKey, CborValue>();
  it.each<[string, CborValue]>([
    ["no array", ciphertext],
    ["two members", [header, empty]],
    ["four members", [header, empty, ciphertext, []]],
    ["an unprotected header", [header, new Map([[5, opening.nonce]]), ciphertext]],
    ["an unprotected header that is null", [header, null, ciphertext]],
    ["no alg", [fromHex("a10541aa"), empty, ciphertext]],
    ["alg A128GCM", [fromHex("a10101"), empty, ciphertext]],
    ["alg ES256", [fromHex("a10126"), empty, ciphertext]],
    ["a critical header", [fromHex("a20103028106"), empty, ciphertext]],
    ["a ciphertext that lies elsewhere", [header, empty, null]],
    ["a ciphertext shorter than a tag", [header, empty, ciphertext.slice(0, 15)]],
    ["an empty ciphertext", [header, empty, new Uint8Array(0)]],
  ])("is refused with %s", (_what, value) => {
    const parsing = () => parseEncrypt0(encodeCbor(value));
    expect(parsing).toThrow(expect.objectContaining({ code: "COSE_MALFORMED" }));
  });

  it.each([
    ["its tag in front", () => Uint8Array.of(0xd0, ...sealed)],
    ["a byte behind it", () => Uint8Array.of(...sealed, 0)],
    ["an empty protected byte string", () => encodeCbor([new Uint8Array(0), empty, ciphertext])],
    ["no bytes", () => new Uint8Array(0)],
  ])("is refused with %s, as CBOR", (_what, make) => {
    const parsing = () => parseEncrypt0(make());
    expect(parsing).toThrow(expect.objectContaining({ code: "CBOR_MALFORMED" }));
  });

  it("is refused beyond 64 KiB before anything of it is read", () => {
    const parsing = () => parseEncrypt0(new Uint8Array(65_537));
    expect(parsing).toThrow(expect.objectContaining({ code: "CBOR_LIMIT" }));
  });

  it("is not sealed under a header that says another algorithm, or with a short key", async () => {
    const input = { protectedMap, plaintext, ...opening };
    const wrong = [
      { ...input, protectedMap: new Map([[1, 1]]) },
      { ...input, key: new Uint8Array(16) },
      { ...input, nonce: new Uint8Array(13) },
    ];
    for (const other of wrong) {
      await expect(sealEncrypt0(other, crypto)).rejects.toBeInstanceOf(RangeError);
    }
  });
});

async function opens(bytes: Uint8Array): Promise<boolean> {
  try {
    return (await openEncrypt0(parseEncrypt0(bytes), opening, crypto)) !== undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: "CoseError" });
    return false;
  }
}
