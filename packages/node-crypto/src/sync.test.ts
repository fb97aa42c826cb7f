import { createWebCrypto, type Bytes, type SigningKey, type VerifyKey } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { bytesArbitrary } from "@siphms/testkit";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

const node = createNodeCrypto();
const web = createWebCrypto();
const key = new Uint8Array(32).fill(1);
const nonce = new Uint8Array(12).fill(2);
const aad = Uint8Array.of(3);
const data = Uint8Array.of(4, 5, 6);

let signingKey: SigningKey;
let verifyKey: VerifyKey;
let signature: Bytes;
beforeAll(async () => {
  signingKey = await node.generateSigningKey();
  verifyKey = await node.importVerifyKey(signingKey.publicPoint);
  signature = node.signSync(signingKey, data);
});

describe("the synchronous forms of node:crypto", () => {
  it("give what WebCrypto gives, for any input", async () => {
    const any = bytesArbitrary(0, 200);
    await fc.assert(
      fc.asyncProperty(any, any, async (first, second) => {
        expect(node.sha256Sync(first)).toEqual(await web.sha256(first));
        expect(node.hmacSha256Sync(first, second)).toEqual(await web.hmacSha256(first, second));
        const sealed = node.sealSync(key, nonce, first, second);
        expect(sealed).toEqual(await web.seal(key, nonce, first, second));
        expect(node.openSync(key, nonce, first, sealed)).toEqual(second);
      }),
    );
  });

  it("give plain Uint8Arrays with a buffer of their own", () => {
    const sealed = node.sealSync(key, nonce, aad, data);
    const results = [
      node.sha256Sync(data),
      sealed,
      node.openSync(key, nonce, aad, sealed),
      signature,
    ];
    for (const result of results) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result?.buffer.byteLength).toBe(result?.length);
    }
  });

  it("sign what WebCrypto verifies", async () => {
    const webKey = await web.importVerifyKey(signingKey.publicPoint);
    expect(await web.verify(webKey, signature, data)).toBe(true);
    expect(node.verifySync(verifyKey, signature, data)).toBe(true);
  });

  it("say no to a signature for other data, or of another length", () => {
    expect(node.verifySync(verifyKey, signature, aad)).toBe(false);
    expect(node.verifySync(verifyKey, signature.slice(1), data)).toBe(false);
    expect(node.verifySync(verifyKey, new Uint8Array(0), data)).toBe(false);
    expect(node.verifySync(verifyKey, new Uint8Array(65), data)).toBe(false);
  });

  it.each([4, 8, 12, 15, 17])("open nothing with a tag of %i bytes", (tagBytes) => {
    // Node 20 takes tags of 4, 8 and 12 bytes where the length is not pinned.
    const sealed = node.sealSync(key, nonce, aad, new Uint8Array(0));
    const cut = new Uint8Array(tagBytes);
    cut.set(sealed.subarray(0, tagBytes));
    expect(node.openSync(key, nonce, aad, cut)).toBeUndefined();
  });

  it("open nothing when any one byte of the sealed text is changed", () => {
    const sealed = node.sealSync(key, nonce, aad, data);
    for (let i = 0; i < sealed.length; i++) {
      const changed = new Uint8Array(sealed);
      changed[i] = (changed[i] ?? 0) ^ 0x80;
      expect(node.openSync(key, nonce, aad, changed)).toBeUndefined();
    }
  });

  it("refuse keys and nonces of another length", () => {
    expect(() => node.sealSync(nonce, nonce, aad, data)).toThrow(RangeError);
    expect(() => node.sealSync(key, key, aad, data)).toThrow(RangeError);
    expect(() => node.openSync(nonce, nonce, aad, signature)).toThrow(RangeError);
    expect(() => node.openSync(key, new Uint8Array(0), aad, signature)).toThrow(RangeError);
  });

  it("refuse a handle of the other adapter", async () => {
    const foreign = await web.generateSigningKey();
    expect(() => node.signSync(foreign, data)).toThrow(TypeError);
    const foreignVerifyKey = await web.importVerifyKey(foreign.publicPoint);
    expect(() => node.verifySync(foreignVerifyKey, signature, data)).toThrow(TypeError);
  });
});

describe("the two adapters together", () => {
  it("agree on one secret, each with the other's key", async () => {
    const ours = await node.generateAgreementKey();
    const theirs = await web.generateAgreementKey();
    const secret = await node.agree(ours, theirs.publicX);
    expect(secret).toEqual(await web.agree(theirs, ours.publicX));
  });

  it("take each other's stored signing keys", async () => {
    const made = await node.generateSigningKey({ extractable: true });
    const scalar = await node.exportSigningKey(made);
    const taken = await web.importSigningKey(scalar, made.publicPoint);
    const key = await node.importVerifyKey(made.publicPoint);
    expect(await node.verify(key, await web.sign(taken, data), data)).toBe(true);
  });
});
