import {
  createWebCrypto,
  decodeCbor,
  encodeCbor,
  fromBase64Url,
  fromHex,
  isCborArray,
  openEncrypt0,
  parseEncrypt0,
  parseSign1,
  sealEncrypt0,
  signSign1,
  verifySign1,
} from "@siphms/cose";
import * as peer from "@auth0/cose";
import { beforeAll, describe, expect, it } from "vitest";

const ours = createWebCrypto();
const payload = new TextEncoder().encode("a payload of no meaning");
const externalAad = encodeCbor([fromHex("0102"), fromHex("0304")]);
const nonce = fromHex("000102030405060708090a0b");
const contentKey = new Uint8Array(32).fill(6);
const sealHeader = new Map([[1, 3]]);

let pair: CryptoKeyPair;
let jwk: JsonWebKey;
beforeAll(async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
});

const point = () => ({ x: fromBase64Url(jwk.x ?? ""), y: fromBase64Url(jwk.y ?? "") });
const signOurs = async () => {
  const key = await ours.importSigningKey(fromBase64Url(jwk.d ?? ""), point());
  const protectedMap = new Map([[1, -7]]);
  return signSign1({ protectedMap, externalAad, payload }, key, ours);
};

describe("@auth0/cose, an implementation of COSE that shares no code with ours", () => {
  it("verifies our COSE_Sign1 with its context", async () => {
    const sign1 = peer.Sign1.decode((await signOurs()).bytes);
    expect(new Uint8Array(sign1.payload)).toEqual(payload);
    const options = { externalAAD: externalAad, algorithms: [peer.Algorithms.ES256] };
    await expect(sign1.verify(pair.publicKey, options)).resolves.toBeUndefined();
  });

  it("refuses our COSE_Sign1 without its context", async () => {
    const sign1 = peer.Sign1.decode((await signOurs()).bytes);
    await expect(sign1.verify(pair.publicKey)).rejects.toThrow();
  });

  it("signs what we verify", async () => {
    const header = new peer.ProtectedHeaders([[peer.Headers.Algorithm, peer.Algorithms.ES256]]);
    const made = await peer.Sign1.sign(header, undefined, payload, pair.privateKey);
    const sign1 = parseSign1(intoProfile(made.encode()));
    const key = await ours.importVerifyKey(point());
    const none = new Uint8Array(0);
    expect((await verifySign1(sign1, none, { key, crypto: ours })).valid).toBe(true);
    expect((await verifySign1(sign1, externalAad, { key, crypto: ours })).valid).toBe(false);
  });

  it("opens our COSE_Encrypt0 with its context", async () => {
    const input = { protectedMap: sealHeader, externalAad, plaintext: payload };
    const sealed = await sealEncrypt0({ ...input, key: contentKey, nonce }, ours);
    const encrypt0 = peer.Encrypt0.decode(sealed);
    // The peer knows no derived nonce: it takes the whole IV from the unprotected header, which nobody signs.
    encrypt0.unprotectedHeaders.set(peer.Headers.IV, nonce);
    const opened = await encrypt0.decrypt(contentKey, { externalAAD: externalAad });
    expect(new Uint8Array(opened)).toEqual(payload);
    await expect(encrypt0.decrypt(contentKey)).rejects.toThrow();
  });

  it("seals what we open", async () => {
    const header = new peer.EncryptProtectedHeaders([
      [peer.Headers.Algorithm, peer.EncryptionAlgorithms.A256GCM],
    ]);
    const iv = new peer.UnprotectedHeaders([[peer.Headers.IV, nonce]]);
    const made = await peer.Encrypt0.encrypt(header, iv, payload, contentKey, externalAad);
    const encrypt0 = parseEncrypt0(intoProfile(made.encode()));
    const opening = { externalAad, key: contentKey, nonce };
    expect(await openEncrypt0(encrypt0, opening, ours)).toEqual(payload);
    const other = { ...opening, externalAad: new Uint8Array(0) };
    expect(await openEncrypt0(encrypt0, other, ours)).toBeUndefined();
  });
});

/** Takes the peer's message into our form: its tag and its unprotected header fall off. */
function intoProfile(message: Uint8Array): Uint8Array {
  const value = decodeCbor(message.subarray(1));
  if (!isCborArray(value)) throw new Error("peer: not a COSE message");
  return encodeCbor(value.map((part, i) => (i === 1 ? new Map() : part)));
}
