import {
  concatBytes,
  fromHex,
  isOnCurve,
  toHex,
  type Bytes,
  type Crypto,
  type PublicPoint,
} from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";

const text = new TextEncoder();

/** RFC 6979 §A.2.5: a P-256 key pair in print. */
const SCALAR = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
const POINT: PublicPoint = {
  x: fromHex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
  y: fromHex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
};
const FIELD_PRIME = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const GROUP_ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/**
 * What every adapter of the {@link Crypto} port must do, as tests.
 *
 * @param name - The adapter, for the titles.
 * @param create - Makes the adapter; called once.
 */
export function cryptoSuite(name: string, create: () => Crypto): void {
  describe(`${name} as the Crypto port`, () => {
    const crypto = create();
    describe("hashes", () => hashTests(crypto));
    describe("AES-256-GCM", () => aeadTests(crypto));
    describe("ES256 keys", () => keyTests(crypto));
    describe("ES256 signatures", () => signatureTests(crypto));
    describe("ECDH", () => agreementTests(crypto));
  });
}

function hashTests(crypto: Crypto): void {
  it("computes SHA-256 as FIPS 180-4 prints it", async () => {
    expect(toHex(await crypto.sha256(text.encode("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("computes HMAC-SHA-256 as RFC 4231 §4.3 prints it", async () => {
    const mac = await crypto.hmacSha256(
      text.encode("Jefe"),
      text.encode("what do ya want for nothing?"),
    );
    expect(toHex(mac)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  it("takes an empty HMAC key and empty data", async () => {
    const mac = await crypto.hmacSha256(new Uint8Array(0), new Uint8Array(0));
    expect(toHex(mac)).toBe("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  });

  it("takes an HMAC key longer than a block, as RFC 4231 §4.7 prints it", async () => {
    const data = text.encode("Test Using Larger Than Block-Size Key - Hash Key First");
    const mac = await crypto.hmacSha256(new Uint8Array(131).fill(0xaa), data);
    expect(toHex(mac)).toBe("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  });

  it("expands as RFC 5869 §A.1 prints it", async () => {
    const okm = await crypto.hkdfExpand(
      fromHex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
      fromHex("f0f1f2f3f4f5f6f7f8f9"),
      42,
    );
    expect(toHex(okm)).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  it.each([0, 1, 31, 32, 33, 8160])("expands to exactly %i bytes", async (length) => {
    const okm = await crypto.hkdfExpand(new Uint8Array(32), new Uint8Array(0), length);
    expect(okm.length).toBe(length);
  });

  it.each([-1, 0.5, 8161, NaN])("refuses to expand to %d bytes", async (length) => {
    const expanding = crypto.hkdfExpand(new Uint8Array(32), new Uint8Array(0), length);
    await expect(expanding).rejects.toBeInstanceOf(RangeError);
  });

  it("gives random bytes of the length asked for, and others each time", () => {
    expect(crypto.randomBytes(0)).toEqual(new Uint8Array(0));
    expect(crypto.randomBytes(32).length).toBe(32);
    expect(crypto.randomBytes(32)).not.toEqual(crypto.randomBytes(32));
  });

  it("works on a view into a larger buffer and leaves it as it was", async () => {
    const buffer = Uint8Array.from([9, 9, 0x61, 0x62, 0x63, 9]);
    const digest = await crypto.sha256(buffer.subarray(2, 5));
    expect(digest).toEqual(await crypto.sha256(text.encode("abc")));
    expect(buffer).toEqual(Uint8Array.from([9, 9, 0x61, 0x62, 0x63, 9]));
  });

  it("gives plain Uint8Arrays with a buffer of their own", async () => {
    const digest = await crypto.sha256(new Uint8Array(0));
    expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype);
    expect(digest.buffer.byteLength).toBe(32);
  });
}

function aeadTests(crypto: Crypto): void {
  const key = new Uint8Array(32).fill(1);
  const nonce = new Uint8Array(12).fill(2);
  const aad = text.encode("context");
  const plaintext = text.encode("a plaintext of no meaning");

  it("opens what it sealed", async () => {
    const sealed = await crypto.seal(key, nonce, aad, plaintext);
    expect(sealed.length).toBe(plaintext.length + 16);
    expect(await crypto.open(key, nonce, aad, sealed)).toEqual(plaintext);
  });

  it("seals as the GCM specification's test case 14 prints it", async () => {
    const zeros = new Uint8Array(32);
    const sealed = await crypto.seal(
      zeros,
      new Uint8Array(12),
      new Uint8Array(0),
      new Uint8Array(16),
    );
    expect(toHex(sealed)).toBe("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  });

  it("seals an empty plaintext under empty additional data", async () => {
    const none = new Uint8Array(0);
    const sealed = await crypto.seal(key, nonce, none, none);
    expect(sealed.length).toBe(16);
    expect(await crypto.open(key, nonce, none, sealed)).toEqual(none);
  });

  it("opens nothing when any one byte of the sealed text is changed", async () => {
    const sealed = await crypto.seal(key, nonce, aad, plaintext);
    for (let i = 0; i < sealed.length; i++) {
      expect(await crypto.open(key, nonce, aad, flipped(sealed, i))).toBeUndefined();
    }
  });

  it.each([0, 4, 8, 12, 15])("opens nothing with a tag cut to %i bytes", async (tagBytes) => {
    const sealed = await crypto.seal(key, nonce, aad, new Uint8Array(0));
    expect(await crypto.open(key, nonce, aad, sealed.slice(0, tagBytes))).toBeUndefined();
  });

  it("opens nothing when a byte is missing or added", async () => {
    const sealed = await crypto.seal(key, nonce, aad, plaintext);
    expect(await crypto.open(key, nonce, aad, sealed.slice(0, -1))).toBeUndefined();
    expect(await crypto.open(key, nonce, aad, concatBytes(sealed, nonce))).toBeUndefined();
  });

  it("opens nothing under another key, nonce or context", async () => {
    const sealed = await crypto.seal(key, nonce, aad, plaintext);
    expect(await crypto.open(flipped(key, 31), nonce, aad, sealed)).toBeUndefined();
    expect(await crypto.open(key, flipped(nonce, 11), aad, sealed)).toBeUndefined();
    expect(await crypto.open(key, nonce, flipped(aad, 0), sealed)).toBeUndefined();
  });

  it.each([
    ["key of 16 bytes", new Uint8Array(16), nonce],
    ["key of 33 bytes", new Uint8Array(33), nonce],
    ["nonce of 8 bytes", key, new Uint8Array(8)],
    ["nonce of 16 bytes", key, new Uint8Array(16)],
  ])("refuses a %s", async (_title, badKey, badNonce) => {
    const sealing = crypto.seal(badKey, badNonce, aad, plaintext);
    await expect(sealing).rejects.toBeInstanceOf(RangeError);
    const opening = crypto.open(badKey, badNonce, aad, new Uint8Array(32));
    await expect(opening).rejects.toBeInstanceOf(RangeError);
  });
}

function keyTests(crypto: Crypto): void {
  it("makes a new key pair each time, with a point on the curve", async () => {
    const first = await crypto.generateSigningKey();
    const second = await crypto.generateSigningKey();
    expect(isOnCurve(first.publicPoint)).toBe(true);
    expect(first.publicPoint.x).not.toEqual(second.publicPoint.x);
  });

  it("keeps a private key to itself unless it was made extractable", async () => {
    const made = await crypto.generateSigningKey();
    const taken = await crypto.importSigningKey(SCALAR, POINT);
    for (const key of [made, taken]) {
      await expect(crypto.exportSigningKey(key)).rejects.toMatchObject({
        code: "KEY_NOT_EXTRACTABLE",
      });
    }
  });

  it("gives out an extractable private key, which signs for the same point when taken back", async () => {
    const key = await crypto.generateSigningKey({ extractable: true });
    const scalar = await crypto.exportSigningKey(key);
    expect(scalar.length).toBe(32);
    const again = await crypto.importSigningKey(scalar, key.publicPoint, { extractable: true });
    expect(await crypto.exportSigningKey(again)).toEqual(scalar);
    const signature = await crypto.sign(again, scalar);
    const verifyKey = await crypto.importVerifyKey(key.publicPoint);
    expect(await crypto.verify(verifyKey, signature, scalar)).toBe(true);
  });

  it("shows nothing of a private key on its handle", async () => {
    const key = await crypto.generateSigningKey({ extractable: true });
    expect(Object.keys(key).sort()).toEqual(["kind", "publicPoint"]);
  });

  it.each<[string, PublicPoint]>([
    ["off the curve", { x: POINT.x, y: flipped(POINT.y, 31) }],
    ["with x and y exchanged", { x: POINT.y, y: POINT.x }],
    ["(0, 0)", { x: new Uint8Array(32), y: new Uint8Array(32) }],
    ["with x of 31 bytes", { x: POINT.x.slice(1), y: POINT.y }],
    ["with y of 33 bytes", { x: POINT.x, y: concatBytes(Uint8Array.of(0), POINT.y) }],
    ["with x equal to the field prime", { x: fromHex(FIELD_PRIME), y: POINT.y }],
    ["that is empty", { x: new Uint8Array(0), y: new Uint8Array(0) }],
  ])("refuses a public key %s", async (_title, point) => {
    await expect(crypto.importVerifyKey(point)).rejects.toMatchObject({ code: "KEY_INVALID" });
    const taking = crypto.importSigningKey(SCALAR, point);
    await expect(taking).rejects.toMatchObject({ code: "KEY_INVALID" });
  });

  it.each<[string, Bytes]>([
    ["of another point", flipped(SCALAR, 31)],
    ["of 31 bytes", SCALAR.slice(1)],
    ["of 33 bytes", concatBytes(Uint8Array.of(0), SCALAR)],
    ["of zero", new Uint8Array(32)],
    ["beyond the group order", fromHex(FIELD_PRIME)],
    ["that is empty", new Uint8Array(0)],
  ])("refuses a private key %s", async (_title, scalar) => {
    const taking = crypto.importSigningKey(scalar, POINT);
    await expect(taking).rejects.toMatchObject({ code: "KEY_INVALID" });
  });

  it("refuses a handle that it did not make", async () => {
    const signing = crypto.sign({ kind: "signing-key", publicPoint: POINT }, SCALAR);
    await expect(signing).rejects.toBeInstanceOf(TypeError);
    const verifying = crypto.verify({ kind: "verify-key" }, new Uint8Array(64), SCALAR);
    await expect(verifying).rejects.toBeInstanceOf(TypeError);
    const agreeing = crypto.agree({ kind: "agreement-key", publicX: POINT.x }, POINT.x);
    await expect(agreeing).rejects.toBeInstanceOf(TypeError);
  });
}

function signatureTests(crypto: Crypto): void {
  const data = text.encode("sample");
  /** RFC 6979 §A.2.5, SHA-256, message "sample". */
  const printed = fromHex(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  );

  it("verifies the signature that RFC 6979 §A.2.5 prints", async () => {
    const key = await crypto.importVerifyKey(POINT);
    expect(await crypto.verify(key, printed, data)).toBe(true);
  });

  it("verifies what it signed, in 64 bytes", async () => {
    const signature = await crypto.sign(await crypto.importSigningKey(SCALAR, POINT), data);
    expect(signature.length).toBe(64);
    expect(await crypto.verify(await crypto.importVerifyKey(POINT), signature, data)).toBe(true);
  });

  it("verifies nothing when any one byte of the signature is changed", async () => {
    const key = await crypto.importVerifyKey(POINT);
    for (let i = 0; i < printed.length; i++) {
      expect(await crypto.verify(key, flipped(printed, i), data)).toBe(false);
    }
  });

  it("verifies nothing for other data or under another key", async () => {
    const key = await crypto.importVerifyKey(POINT);
    expect(await crypto.verify(key, printed, text.encode("Sample"))).toBe(false);
    const { publicPoint } = await crypto.generateSigningKey();
    const other = await crypto.importVerifyKey(publicPoint);
    expect(await crypto.verify(other, printed, data)).toBe(false);
  });

  it.each<[string, Bytes]>([
    ["empty", new Uint8Array(0)],
    ["63 bytes long", printed.slice(1)],
    ["65 bytes long", concatBytes(printed, Uint8Array.of(0))],
    ["all zeros", new Uint8Array(64)],
    ["all ones", new Uint8Array(64).fill(255)],
    ["with r equal to the group order", concatBytes(fromHex(GROUP_ORDER), printed.slice(32))],
    ["with s of zero", concatBytes(printed.slice(0, 32), new Uint8Array(32))],
    [
      "in DER",
      concatBytes(
        fromHex("3046022100"),
        printed.slice(0, 32),
        fromHex("022100"),
        printed.slice(32),
      ),
    ],
  ])("says no to a signature that is %s, and does not throw", async (_title, signature) => {
    const key = await crypto.importVerifyKey(POINT);
    expect(await crypto.verify(key, signature, data)).toBe(false);
  });
}

function agreementTests(crypto: Crypto): void {
  /** RFC 5903 §8.1: both private keys, both public x, and the shared x. */
  const i = fromHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  const r = fromHex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
  const gix = fromHex("dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180");
  const grx = fromHex("d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63");
  const shared = fromHex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
  let ours: Awaited<ReturnType<Crypto["generateAgreementKey"]>>;
  beforeAll(async () => {
    ours = await crypto.generateAgreementKey();
  });

  it("agrees as RFC 5903 §8.1 prints it, from x coordinates alone", async () => {
    const initiator = await crypto.unsafeImportAgreementKey(i);
    const responder = await crypto.unsafeImportAgreementKey(r);
    expect(initiator.publicX).toEqual(gix);
    expect(responder.publicX).toEqual(grx);
    expect(await crypto.agree(initiator, grx)).toEqual(shared);
    expect(await crypto.agree(responder, gix)).toEqual(shared);
  });

  it("takes the x coordinate of a point, whatever its y", async () => {
    for (const x of [gix, grx, ours.publicX]) expect(await crypto.isAgreementX(x)).toBe(true);
  });

  it("agrees with itself on new keys, which differ each time", async () => {
    const theirs = await crypto.generateAgreementKey();
    expect(ours.publicX).not.toEqual(theirs.publicX);
    const secret = await crypto.agree(ours, theirs.publicX);
    expect(secret).toEqual(await crypto.agree(theirs, ours.publicX));
    expect(secret.length).toBe(32);
  });

  it("shows nothing of a private key on its handle", () => {
    expect(Object.keys(ours).sort()).toEqual(["kind", "publicX"]);
  });

  it.each<[string, Bytes]>([
    ["of no point", fromHex("aa".repeat(31) + "ab")],
    ["equal to the field prime", fromHex(FIELD_PRIME)],
    ["beyond the field prime, though it would be a point's when reduced", beyondPrime()],
    ["all ones", new Uint8Array(32).fill(255)],
    ["of 31 bytes", gix.slice(1)],
    ["of 33 bytes", concatBytes(Uint8Array.of(2), gix)],
    ["that is empty", new Uint8Array(0)],
  ])("refuses an x coordinate %s", async (_title, x) => {
    expect(await crypto.isAgreementX(x)).toBe(false);
    await expect(crypto.agree(ours, x)).rejects.toMatchObject({ code: "KEY_INVALID" });
  });

  it.each<[string, Bytes]>([
    ["of zero", new Uint8Array(32)],
    ["equal to the group order", fromHex(GROUP_ORDER)],
    ["of 31 bytes", i.slice(1)],
    ["of 33 bytes", concatBytes(Uint8Array.of(0), i)],
  ])("refuses a private key %s", async (_title, scalar) => {
    const taking = crypto.unsafeImportAgreementKey(scalar);
    await expect(taking).rejects.toMatchObject({ code: "KEY_INVALID" });
  });
}

/** p + 5: 5 is the x coordinate of a point, so only the range check can refuse this. */
function beyondPrime(): Bytes {
  return fromHex("ffffffff00000001000000000000000000000001000000000000000000000004");
}

/** A copy with the lowest bit of one byte changed. */
function flipped(bytes: Uint8Array, index: number): Bytes {
  const copy = new Uint8Array(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
