import {
  createWebCrypto,
  encodeCbor,
  encodeSign1,
  fromHex,
  parseSign1,
  payloadOfSign1,
  signSign1,
  sigStructure,
  verifySign1,
  type Bytes,
  type CborKey,
  type CborMap,
  type CborValue,
  type SigningKey,
  type VerifyKey,
} from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";

const crypto = createWebCrypto();
const externalAad = fromHex("820102");
const payload = new TextEncoder().encode("a payload of no meaning");
const protectedMap: CborMap = new Map<CborKey, CborValue>([
  [1, -7],
  [4, fromHex("0011223344556677")],
]);
let key: SigningKey;
let verifyKey: VerifyKey;
let signed: { readonly bytes: Bytes; readonly name: Bytes };

beforeAll(async () => {
  key = await crypto.generateSigningKey();
  verifyKey = await crypto.importVerifyKey(key.publicPoint);
  signed = await signSign1({ protectedMap, externalAad, payload }, key, crypto);
});

const verify = (bytes: Uint8Array, aad: Uint8Array = externalAad) =>
  verifySign1(parseSign1(bytes), aad, { key: verifyKey, crypto });

describe("COSE_Sign1", () => {
  it("verifies what was signed, and names it by its Sig_structure", async () => {
    const sign1 = parseSign1(signed.bytes);
    expect(sign1.protectedMap).toEqual(protectedMap);
    expect(sign1.payload).toEqual(payload);
    const { valid, name } = await verify(signed.bytes);
    expect(valid).toBe(true);
    expect(name).toEqual(signed.name);
    const structure = sigStructure(sign1.protectedBytes, externalAad, payload);
    expect(name).toEqual(await crypto.sha256(structure));
  });

  it("is put together again as it was", () => {
    expect(encodeSign1(parseSign1(signed.bytes))).toEqual(signed.bytes);
  });

  it("has the same name whenever the same text is signed, though the signature differs (SR-34)", async () => {
    const again = await signSign1({ protectedMap, externalAad, payload }, key, crypto);
    expect(again.name).toEqual(signed.name);
    expect(again.bytes).not.toEqual(signed.bytes);
  });

  it("is refused when any one byte of it is changed [HS-312c2]", async () => {
    for (let i = 0; i < signed.bytes.length; i++) {
      const changed = new Uint8Array(signed.bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await verifies(changed)).toBe(false);
    }
  });

  it("does not verify under another context, payload, header or key", async () => {
    const sign1 = parseSign1(signed.bytes);
    expect((await verify(signed.bytes, new Uint8Array(0))).valid).toBe(false);
    const otherPayload = encodeSign1({ ...sign1, payload: payload.slice(1) });
    expect((await verify(otherPayload)).valid).toBe(false);
    const otherHeader = encodeSign1({ ...sign1, protectedBytes: fromHex("a10126") });
    expect((await verify(otherHeader)).valid).toBe(false);
    const stranger = await crypto.generateSigningKey();
    const strangerKey = await crypto.importVerifyKey(stranger.publicPoint);
    const verdict = await verifySign1(sign1, externalAad, { key: strangerKey, crypto });
    expect(verdict.valid).toBe(false);
  });

  const header = fromHex("a10126");
  const signature = new Uint8Array(64);
  const empty = new Map<CborKey, CborValue>();
  it.each<[string, CborValue]>([
    ["no array", payload],
    ["a map", new Map([[0, payload]])],
    ["three members", [header, empty, payload]],
    ["five members", [header, empty, payload, signature, null]],
    ["an unprotected header", [header, new Map([[4, payload]]), payload, signature]],
    ["an unprotected header that is no map", [header, [], payload, signature]],
    ["the protected header as a map", [new Map([[1, -7]]), empty, payload, signature]],
    ["a protected header that holds no map", [fromHex("8101"), empty, payload, signature]],
    ["no alg", [fromHex("a10441aa"), empty, payload, signature]],
    ["an empty protected header map", [fromHex("a0"), empty, payload, signature]],
    ["alg ES384", [fromHex("a1013822"), empty, payload, signature]],
    ["alg A256GCM", [fromHex("a10103"), empty, payload, signature]],
    ["alg as a text", [fromHex("a101654553323536"), empty, payload, signature]],
    ["a critical header", [fromHex("a201260281" + "04"), empty, payload, signature]],
    ["a payload that lies elsewhere", [header, empty, null, signature]],
    ["a payload that is a text", [header, empty, "payload", signature]],
    ["a signature of 63 bytes", [header, empty, payload, signature.slice(1)]],
    ["a signature of 96 bytes", [header, empty, payload, new Uint8Array(96)]],
    ["no signature", [header, empty, payload, null]],
  ])("is refused with %s", (_what, value) => {
    const parsing = () => parseSign1(encodeCbor(value));
    expect(parsing).toThrow(expect.objectContaining({ code: "COSE_MALFORMED" }));
  });

  it.each([
    ["its tag in front", () => Uint8Array.of(0xd2, ...signed.bytes)],
    ["a byte behind it", () => Uint8Array.of(...signed.bytes, 0)],
    [
      "an empty protected byte string",
      () => encodeCbor([new Uint8Array(0), empty, payload, signature]),
    ],
    [
      "bytes behind the protected header",
      () => encodeCbor([fromHex("a1012600"), empty, payload, signature]),
    ],
    [
      "an unsorted protected header",
      () => encodeCbor([fromHex("a204410001" + "26"), empty, payload, signature]),
    ],
    ["no bytes", () => new Uint8Array(0)],
  ])("is refused with %s, as CBOR", (_what, make) => {
    expect(() => parseSign1(make())).toThrow(expect.objectContaining({ code: "CBOR_MALFORMED" }));
  });

  it("is not signed under a header that says another algorithm", async () => {
    const input = { protectedMap: new Map([[1, -8]]), externalAad, payload };
    await expect(signSign1(input, key, crypto)).rejects.toBeInstanceOf(RangeError);
  });
});

async function verifies(bytes: Uint8Array): Promise<boolean> {
  try {
    return (await verify(bytes)).valid;
  } catch (error) {
    expect(error).toMatchObject({ name: "CoseError" });
    return false;
  }
}

const malformed: unknown = expect.objectContaining({ code: "COSE_MALFORMED" });

describe("the payload of a COSE_Sign1 that is known to be good", () => {
  it.each([0, 1, 23, 24, 255, 256, 40_000])(
    "is the same view as parsing gives, at %i bytes",
    async (length) => {
      const long = new Uint8Array(length).fill(7);
      const { bytes } = await signSign1({ protectedMap, externalAad, payload: long }, key, crypto);
      const found = payloadOfSign1(bytes);
      expect(new Uint8Array(found)).toEqual(parseSign1(bytes).payload);
      expect(found.buffer).toBe(bytes.buffer);
    },
  );

  it("is not taken out of bytes that were cut off or added to, wherever that is", () => {
    const { bytes } = signed;
    for (let length = 0; length < bytes.length; length++) {
      expect(() => payloadOfSign1(bytes.subarray(0, length))).toThrow(malformed);
    }
    expect(() => payloadOfSign1(Uint8Array.of(...bytes, 0))).toThrow(malformed);
  });

  it.each<[string, (bytes: Bytes) => CborValue]>([
    ["three members", (bytes) => [bytes, new Map(), bytes]],
    ["an unprotected header", (bytes) => [bytes, new Map([[1, 2]]), bytes, new Uint8Array(64)]],
    ["no payload of its own", (bytes) => [bytes, new Map(), null, new Uint8Array(64)]],
    [
      "a protected header that is no byte string",
      (bytes) => [1, new Map(), bytes, new Uint8Array(64)],
    ],
    ["a signature of 63 bytes", (bytes) => [bytes, new Map(), bytes, new Uint8Array(63)]],
  ])("is not taken out of something with %s", (_what, make) => {
    expect(() => payloadOfSign1(encodeCbor(make(Uint8Array.of(1, 2))))).toThrow(malformed);
  });
});
