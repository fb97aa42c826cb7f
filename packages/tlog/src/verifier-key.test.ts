import { describe, expect, it } from "vitest";
import { codeOf } from "./testing/refusal.ts";
import { createVerifierKey, encodeVerifierKey, parseVerifierKey } from "./verifier-key.ts";

/** The key of signed-note's example. */
const EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

const typed = (type: number, length: number): string =>
  Buffer.concat([Buffer.of(type), Buffer.alloc(length, 7)]).toString("base64");

describe("verifier keys", () => {
  it("are read and written as the specification's example has them", () => {
    const key = parseVerifierKey(EXAMPLE);
    expect(key).toMatchObject({ kind: "ed25519", name: "example.com/foo", keyId: 0x530d903a });
    expect(encodeVerifierKey(key)).toBe(EXAMPLE);
    expect(createVerifierKey("ed25519", key.name, key.publicKey)).toEqual(key);
  });

  it("have another key id for cosigning with the same public key", () => {
    const { name, publicKey, keyId } = parseVerifierKey(EXAMPLE);
    const cosigner = createVerifierKey("cosignature", name, publicKey);
    expect(cosigner.keyId).not.toBe(keyId);
    expect(parseVerifierKey(encodeVerifierKey(cosigner))).toEqual(cosigner);
  });

  it("keep the leading zeros of their key id", () => {
    const keys = Array.from({ length: 400 }, (_, at) =>
      createVerifierKey("ed25519", `k${at}`, new Uint8Array(32)),
    );
    const small = keys.filter(({ keyId }) => keyId < 0x1000_0000);
    expect(small.length).toBeGreaterThan(0);
    for (const key of small) expect(parseVerifierKey(encodeVerifierKey(key))).toEqual(key);
  });

  it.each([
    ["nothing", ""],
    ["a name alone", "example.com/foo"],
    ["no base64", "example.com/foo+530d903a+"],
    ["no name", EXAMPLE.replace("example.com/foo", "")],
    ["another name", EXAMPLE.replace("foo", "fop")],
    ["a space in its name", EXAMPLE.replace("foo", "f o")],
    ["a wide space in its name", EXAMPLE.replace("foo", "f\u3000o")],
    ["a tab in its name", EXAMPLE.replace("foo", "f\to")],
    ["half a surrogate pair in its name", EXAMPLE.replace("foo", "f\ud800o")],
    ["upper-case hex", EXAMPLE.replace("530d903a", "530D903A")],
    ["a short key id", EXAMPLE.replace("530d903a", "530d903")],
    ["another key id", EXAMPLE.replace("530d903a", "530d903b")],
    ["base64 of the other alphabet", EXAMPLE.replace("AekyeRrm", "Aeky_Rrm")],
    ["base64 without its end", EXAMPLE.slice(0, -1)],
    ["white space behind", `${EXAMPLE}\n`],
    ["another public key", EXAMPLE.replace("AekyeRrm", "AekyeRrn")],
    ["a short public key", `k+00000000+${typed(1, 31)}`],
    ["a long public key", `k+00000000+${typed(4, 33)}`],
    ["no public key", `k+00000000+${typed(1, 0)}`],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => parseVerifierKey(text))).toBe("VERIFIER_KEY_MALFORMED");
  });

  it.each([0x00, 0x02, 0x05, 0x06, 0xff])("does not know type %i", (type) => {
    const text = `k+00000000+${typed(type, 32)}`;
    expect(codeOf(() => parseVerifierKey(text))).toBe("VERIFIER_KEY_UNSUPPORTED");
  });

  it("are not made with a name or public key that fits none", () => {
    const publicKey = new Uint8Array(32);
    for (const name of ["", "a b", "a+b", "a\u00a0b", "a\nb", "\ud800"]) {
      expect(() => createVerifierKey("ed25519", name, publicKey)).toThrow(RangeError);
    }
    expect(() => createVerifierKey("ed25519", "a", new Uint8Array(31))).toThrow(RangeError);
  });
});
