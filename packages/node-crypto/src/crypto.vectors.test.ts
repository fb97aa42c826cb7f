import {
  concatBytes,
  createWebCrypto,
  fromBase64Url,
  fromHex,
  isOnCurve,
  toHex,
  type Bytes,
  type Crypto,
  type PublicPoint,
} from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { publishedVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

type Verdict = "valid" | "invalid" | "acceptable";

/** The common form of a Wycheproof file. */
interface Wycheproof<Group, Test> {
  readonly numberOfTests: number;
  readonly testGroups: readonly (Group & {
    readonly tests: readonly (Test & { readonly tcId: number; readonly result: Verdict })[];
  })[];
}

interface EcdsaTest {
  readonly msg: string;
  readonly sig: string;
}

interface EcdhPointTest {
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

interface EcdhJwkTest {
  readonly public: { readonly crv: string; readonly x: string; readonly y: string };
  readonly private: { readonly d: string };
  readonly shared: string;
}

type GcmTest = Readonly<Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>>;

interface HkdfTest {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

const ADAPTERS: readonly (readonly [string, Crypto])[] = [
  ["WebCrypto", createWebCrypto()],
  ["node:crypto", createNodeCrypto()],
];

const ecdsa = publishedVectors("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
const ecdhPoint = publishedVectors("wycheproof/ecdh_secp256r1_ecpoint_test.json");
const ecdhJwk = publishedVectors("wycheproof/ecdh_secp256r1_webcrypto_test.json");
const gcm = publishedVectors("wycheproof/aes_gcm_test.json");
const hkdf = publishedVectors("wycheproof/hkdf_sha256_test.json");

describe.each(ADAPTERS)("%s on Wycheproof (SR-29, SR-34)", (_name, crypto) => {
  it.skipIf(ecdsa.skip)(`judges all 262 ES256 signatures as it should${ecdsa.why}`, async () => {
    const file = ecdsa.load<Wycheproof<{ publicKey: { uncompressed: string } }, EcdsaTest>>();
    const counts = { valid: 0, invalid: 0 };
    for (const group of file.testGroups) {
      const key = await crypto.importVerifyKey(pointOf(group.publicKey.uncompressed));
      for (const test of group.tests) {
        const valid = await crypto.verify(key, fromHex(test.sig), fromHex(test.msg));
        expect(valid, `tcId ${test.tcId}`).toBe(test.result === "valid");
        counts[valid ? "valid" : "invalid"]++;
      }
    }
    expect(counts).toEqual({ valid: 173, invalid: 89 });
    expect(file.numberOfTests).toBe(262);
  });

  it.skipIf(ecdhJwk.skip)(
    `agrees by x on 330 keys and refuses all 23 bad ones${ecdhJwk.why}`,
    async () => {
      const file = ecdhJwk.load<Wycheproof<object, EcdhJwkTest>>();
      const counts = { agreed: 0, refused: 0 };
      for (const test of testsOf(file)) {
        const point = { x: fromBase64Url(test.public.x), y: fromBase64Url(test.public.y) };
        if (test.result === "valid") {
          await expectAgreement(crypto, fromBase64Url(test.private.d), point.x, test);
          counts.agreed++;
        } else {
          // The curve's name is no part of the port: points of other curves fall by their coordinates.
          expect(isOnCurve(point), `tcId ${test.tcId}`).toBe(false);
          await expectRefusal(crypto, point, test);
          counts.refused++;
        }
      }
      expect(counts).toEqual({ agreed: 330, refused: 23 });
      expect(file.numberOfTests).toBe(353);
    },
  );

  it.skipIf(ecdhPoint.skip)(
    `agrees on 331 encoded points and refuses the other 24${ecdhPoint.why}`,
    async () => {
      const file = ecdhPoint.load<Wycheproof<object, EcdhPointTest>>();
      const counts = { uncompressed: 0, compressed: 0, badUncompressed: 0, badCompressed: 0 };
      for (const test of testsOf(file)) {
        if (test.public.startsWith("04")) {
          const point = pointOf(test.public);
          if (test.result === "valid") {
            await expectAgreement(crypto, scalarOf(test.private), point.x, test);
            counts.uncompressed++;
          } else {
            await expectRefusal(crypto, point, test);
            counts.badUncompressed++;
          }
        } else {
          // Compressed (or empty): what stands behind the first byte is what EDHOC would send.
          const x = fromHex(test.public.slice(2));
          if (test.result === "acceptable") {
            await expectAgreement(crypto, scalarOf(test.private), x, test);
            counts.compressed++;
          } else {
            await expectNoAgreement(crypto, x, test);
            counts.badCompressed++;
          }
        }
      }
      expect(counts).toEqual({
        uncompressed: 330,
        compressed: 1,
        badUncompressed: 16,
        badCompressed: 8,
      });
      expect(file.numberOfTests).toBe(355);
    },
  );

  it.skipIf(gcm.skip)(
    `seals and opens all 66 A256GCM cases with a 96-bit IV as it should${gcm.why}`,
    async () => {
      const file =
        gcm.load<Wycheproof<{ keySize: number; ivSize: number; tagSize: number }, GcmTest>>();
      const counts = { valid: 0, invalid: 0, otherKeySize: 0, otherIvSize: 0 };
      for (const group of file.testGroups) {
        // The protocol has one key size and one IV size, and the port takes no other.
        if (group.ivSize !== 96) counts.otherIvSize += group.tests.length;
        else if (group.keySize !== 256) counts.otherKeySize += group.tests.length;
        else {
          expect(group.tagSize).toBe(128);
          for (const test of group.tests) counts[await judgeGcm(crypto, test)]++;
        }
      }
      expect(counts).toEqual({ valid: 39, invalid: 27, otherKeySize: 131, otherIvSize: 119 });
      expect(file.numberOfTests).toBe(316);
    },
  );

  it.skipIf(hkdf.skip)(
    `derives all 83 HKDF outputs by HMAC and Expand, and refuses 3 too long${hkdf.why}`,
    async () => {
      const file = hkdf.load<Wycheproof<object, HkdfTest>>();
      const counts = { valid: 0, invalid: 0 };
      for (const test of testsOf(file)) {
        // RFC 5869 §2.2: Extract is HMAC with the salt as key; an absent salt is zeros, as the empty key is.
        const prk = await crypto.hmacSha256(fromHex(test.salt), fromHex(test.ikm));
        const expanding = crypto.hkdfExpand(prk, fromHex(test.info), test.size);
        if (test.result === "valid") {
          expect(toHex(await expanding), `tcId ${test.tcId}`).toBe(test.okm);
          counts.valid++;
        } else {
          await expect(expanding, `tcId ${test.tcId}`).rejects.toBeInstanceOf(RangeError);
          counts.invalid++;
        }
      }
      expect(counts).toEqual({ valid: 83, invalid: 3 });
      expect(file.numberOfTests).toBe(86);
    },
  );
});

interface NumberedTest {
  readonly tcId: number;
  readonly result: Verdict;
}

function testsOf<Group, Test>(file: Wycheproof<Group, Test>): (Test & NumberedTest)[] {
  return file.testGroups.flatMap(({ tests }) => [...tests]);
}

/** 04‖x‖y taken apart; of whatever length the halves are. */
function pointOf(uncompressed: string): PublicPoint {
  const bytes = fromHex(uncompressed).slice(1);
  const half = Math.ceil(bytes.length / 2);
  return { x: bytes.slice(0, half), y: bytes.slice(half) };
}

/** Wycheproof writes private keys as signed integers: without leading zeros, or with one too many. */
function scalarOf(hex: string): Bytes {
  return fromHex(hex.padStart(64, "0").slice(-64));
}

async function expectAgreement(
  crypto: Crypto,
  scalar: Bytes,
  ...[x, test]: [Bytes, NumberedTest & { readonly shared: string }]
): Promise<void> {
  const key = await crypto.unsafeImportAgreementKey(scalar);
  expect(toHex(await crypto.agree(key, x)), `tcId ${test.tcId}`).toBe(test.shared);
}

async function expectNoAgreement(crypto: Crypto, x: Bytes, test: NumberedTest): Promise<void> {
  const agreeing = crypto.agree(await crypto.generateAgreementKey(), x);
  await expect(agreeing, `tcId ${test.tcId}`).rejects.toMatchObject({ code: "KEY_INVALID" });
}

async function expectRefusal(
  crypto: Crypto,
  point: PublicPoint,
  test: NumberedTest,
): Promise<void> {
  const importing = crypto.importVerifyKey(point);
  await expect(importing, `tcId ${test.tcId}`).rejects.toMatchObject({ code: "KEY_INVALID" });
}

async function judgeGcm(
  crypto: Crypto,
  test: GcmTest & NumberedTest,
): Promise<"valid" | "invalid"> {
  const key = fromHex(test.key);
  const nonce = fromHex(test.iv);
  const aad = fromHex(test.aad);
  const ciphertext = concatBytes(fromHex(test.ct), fromHex(test.tag));
  const opened = await crypto.open(key, nonce, aad, ciphertext);
  if (test.result === "valid") {
    expect(opened && toHex(opened), `tcId ${test.tcId}`).toBe(test.msg);
    const sealed = await crypto.seal(key, nonce, aad, fromHex(test.msg));
    expect(sealed, `tcId ${test.tcId}`).toEqual(ciphertext);
    return "valid";
  }
  expect(opened, `tcId ${test.tcId}`).toBeUndefined();
  return "invalid";
}
