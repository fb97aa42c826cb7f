import {
  createWebCrypto,
  decodeCbor,
  encodeCbor,
  encStructure,
  fromBase64Url,
  fromHex,
  isCborArray,
  openEncrypt0,
  parseEncrypt0,
  parseSign1,
  sigStructure,
  toHex,
  verifySign1,
  type Bytes,
  type CborValue,
} from "@siphms/cose";
import { publishedVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

const crypto = createWebCrypto();

interface KeyMembers {
  readonly x: string;
  readonly y: string;
  readonly k: string;
}

/** One file of cose-wg/Examples. */
interface Example {
  readonly fail?: boolean;
  readonly input: {
    readonly plaintext: string;
    readonly sign0?: { readonly key: KeyMembers; readonly external?: string };
    readonly encrypted?: {
      readonly external?: string;
      readonly recipients: readonly { readonly key: KeyMembers }[];
    };
    readonly rng_stream?: readonly string[];
  };
  readonly intermediates: { readonly ToBeSign_hex?: string; readonly AAD_hex?: string };
  readonly output: { readonly cbor: string };
}

/**
 * All examples have something unprotected, and most have a tag, so that the strict profile takes none of them as
 * it stands. What is checked beside that is the same message *moved* into our form: tag off, unprotected header
 * emptied. The outcome of that follows from RFC 9052 and our profile:
 * - `good`: takes and authenticates; `bad`: takes, does not authenticate;
 * - `alg`: refused, because the protected header names another algorithm or none.
 */
type Outcome = "good" | "bad" | "alg" | "not CBOR";

const SIGN1: readonly (readonly [file: string, moved: Outcome])[] = [
  // A wrong tag: moved into our form, nothing is wrong any more.
  ["sign1-tests/sign-fail-01", "good"],
  ["sign1-tests/sign-fail-02", "bad"],
  ["sign1-tests/sign-fail-03", "alg"],
  ["sign1-tests/sign-fail-04", "alg"],
  ["sign1-tests/sign-fail-06", "bad"],
  ["sign1-tests/sign-fail-07", "bad"],
  // Its algorithm stands in the unprotected header.
  ["sign1-tests/sign-pass-01", "alg"],
  ["sign1-tests/sign-pass-02", "good"],
  ["sign1-tests/sign-pass-03", "good"],
  ["ecdsa-examples/ecdsa-sig-01", "good"],
  // ES384.
  ["ecdsa-examples/ecdsa-sig-02", "alg"],
];

const ENCRYPT0: readonly (readonly [file: string, moved: Outcome])[] = [
  // A128GCM or A192GCM, all but one.
  ["encrypted-tests/aes-gcm-01", "alg"],
  ["encrypted-tests/enc-fail-01", "alg"],
  ["encrypted-tests/enc-fail-02", "alg"],
  ["encrypted-tests/enc-fail-03", "alg"],
  ["encrypted-tests/enc-fail-04", "alg"],
  ["encrypted-tests/enc-fail-06", "alg"],
  ["encrypted-tests/enc-fail-07", "alg"],
  ["encrypted-tests/enc-pass-01", "alg"],
  ["encrypted-tests/enc-pass-02", "alg"],
  // A zero-length protected header, which stands for an empty map; ours never is.
  ["encrypted-tests/enc-pass-03", "not CBOR"],
  ["aes-gcm-examples/aes-gcm-enc-01", "alg"],
  ["aes-gcm-examples/aes-gcm-enc-02", "alg"],
  ["aes-gcm-examples/aes-gcm-enc-03", "good"],
  ["aes-gcm-examples/aes-gcm-enc-04", "alg"],
];

/** Where the structure in print is that of the message before the example's maker damaged its header. */
const HEADER_CHANGED_AFTERWARDS = /-(fail-0[3467]|pass-01)$/;

describe("cose-wg/Examples, COSE_Sign1 (SR-29)", () => {
  it("accounts for all 11 files: 4 good, 3 bad, 4 of another algorithm", () => {
    expect(tally(SIGN1)).toEqual({ good: 4, bad: 3, alg: 4 });
  });

  for (const [file, outcome] of SIGN1) {
    const published = publishedVectors(`cose/${file}.json`);
    it.skipIf(published.skip)(`${file}${published.why}`, async () => {
      const example = published.load<Example>();
      const message = fromHex(example.output.cbor);
      expectRefusal(() => parseSign1(message), message);
      const { moved, protectedBytes } = moveIntoProfile(message);
      const external = fromHex(example.input.sign0?.external ?? "");
      expect(await sign1Outcome(moved, example)).toBe(outcome);
      if (HEADER_CHANGED_AFTERWARDS.test(file)) return;
      const payload = new TextEncoder().encode(example.input.plaintext);
      const structure = sigStructure(protectedBytes, external, payload);
      expect(toHex(structure)).toBe(example.intermediates.ToBeSign_hex?.toLowerCase());
    });
  }
});

describe("cose-wg/Examples, COSE_Encrypt0 (SR-29)", () => {
  it("accounts for all 14 files: 1 good, 13 that are not A256GCM", () => {
    expect(tally(ENCRYPT0)).toEqual({ good: 1, alg: 12, "not CBOR": 1 });
  });

  for (const [file, outcome] of ENCRYPT0) {
    const published = publishedVectors(`cose/${file}.json`);
    it.skipIf(published.skip)(`${file}${published.why}`, async () => {
      const example = published.load<Example>();
      const message = fromHex(example.output.cbor);
      expectRefusal(() => parseEncrypt0(message), message);
      const { moved, protectedBytes } = moveIntoProfile(message);
      expect(await encrypt0Outcome(moved, example)).toBe(outcome);
      if (HEADER_CHANGED_AFTERWARDS.test(file)) return;
      const external = fromHex(example.input.encrypted?.external ?? "");
      const structure = encStructure(protectedBytes, external);
      expect(toHex(structure)).toBe(example.intermediates.AAD_hex?.toLowerCase());
    });
  }
});

function tally(cases: readonly (readonly [string, Outcome])[]): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const [, outcome] of cases) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Bytes of the tags that the examples begin with: 16, 18, and the wrong ones 995 and 998. */
function tagBytes(message: Bytes): number {
  if (message[0] === 0xd0 || message[0] === 0xd2) return 1;
  return message[0] === 0xd9 ? 3 : 0;
}

function expectRefusal(parsing: () => unknown, message: Bytes): void {
  const code = tagBytes(message) > 0 ? "CBOR_MALFORMED" : "COSE_MALFORMED";
  expect(parsing).toThrow(expect.objectContaining({ code }));
}

function moveIntoProfile(message: Bytes): { moved: Bytes; protectedBytes: Bytes } {
  const parts: CborValue = decodeCbor(message.subarray(tagBytes(message)));
  const protectedBytes = isCborArray(parts) ? parts[0] : undefined;
  if (!isCborArray(parts) || !(protectedBytes instanceof Uint8Array)) {
    throw new Error("example: not a COSE message");
  }
  const moved = encodeCbor(parts.map((part, i) => (i === 1 ? new Map() : part)));
  return { moved, protectedBytes };
}

async function sign1Outcome(moved: Bytes, { input }: Example): Promise<Outcome> {
  const point = {
    x: fromBase64Url(input.sign0?.key.x ?? ""),
    y: fromBase64Url(input.sign0?.key.y ?? ""),
  };
  return outcomeOf(async () => {
    const sign1 = parseSign1(moved);
    const key = await crypto.importVerifyKey(point);
    const externalAad = fromHex(input.sign0?.external ?? "");
    return (await verifySign1(sign1, externalAad, { key, crypto })).valid;
  });
}

async function encrypt0Outcome(moved: Bytes, { input }: Example): Promise<Outcome> {
  return outcomeOf(async () => {
    const opening = {
      externalAad: fromHex(input.encrypted?.external ?? ""),
      key: fromBase64Url(input.encrypted?.recipients[0]?.key.k ?? ""),
      nonce: fromHex(input.rng_stream?.[0] ?? ""),
    };
    const plaintext = await openEncrypt0(parseEncrypt0(moved), opening, crypto);
    return plaintext !== undefined && new TextDecoder().decode(plaintext) === input.plaintext;
  });
}

async function outcomeOf(check: () => Promise<boolean>): Promise<Outcome> {
  try {
    return (await check()) ? "good" : "bad";
  } catch (error) {
    if (hasCode(error, "COSE_MALFORMED")) return "alg";
    if (hasCode(error, "CBOR_MALFORMED")) return "not CBOR";
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
