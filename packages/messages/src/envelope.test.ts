import { createWebCrypto, encodeCbor, sealEncrypt0 } from "@siphms/cose";
import {
  type Direction,
  envelopeAad,
  MAX_ENVELOPE_BYTES,
  MAX_SEQ,
  nonceFor,
  openEnvelope,
  parseEnvelope,
  sealEnvelope,
  type SessionKeys,
} from "@siphms/messages";
import { describe, expect, it } from "vitest";

const crypto = createWebCrypto();
const keys = sessionOf(1);
const signed = crypto.randomBytes(300);

function sessionOf(fill: number): SessionKeys {
  const filled = (length: number, add: number) => new Uint8Array(length).fill(fill + add);
  return {
    sid: filled(16, 0),
    keyUp: filled(32, 1),
    ivUp: filled(12, 2),
    keyDown: filled(32, 3),
    ivDown: filled(12, 4),
  };
}

async function seal(seq = 7, direction: Direction = 0): Promise<Uint8Array> {
  return sealEnvelope({ keys, direction, seq, signed }, crypto);
}

describe("sealing and opening", () => {
  it("gives back what was sealed, with its sequence number, in both directions", async () => {
    for (const direction of [0, 1] as const) {
      const bytes = await seal(MAX_SEQ, direction);
      expect(await openEnvelope({ bytes, keys, direction }, crypto)).toEqual({
        seq: MAX_SEQ,
        signed,
      });
    }
  });

  it("opens a view in the middle of a larger buffer", async () => {
    const sealed = await seal();
    const buffer = new Uint8Array(sealed.length + 20).fill(0xff);
    buffer.set(sealed, 10);
    const bytes = buffer.subarray(10, 10 + sealed.length);
    expect((await openEnvelope({ bytes, keys, direction: 0 }, crypto)).signed).toEqual(signed);
  });

  it("refuses an envelope that went the other way (SR-30)", async () => {
    const bytes = await seal(7, 1);
    await expect(openEnvelope({ bytes, keys, direction: 0 }, crypto)).rejects.toMatchObject({
      code: "ENVELOPE_UNAUTHENTIC",
    });
  });

  it("refuses an envelope of another session, were only its sid another (SR-30)", async () => {
    const bytes = await seal();
    for (const other of [sessionOf(9), { ...keys, sid: sessionOf(9).sid }]) {
      await expect(
        openEnvelope({ bytes, keys: other, direction: 0 }, crypto),
      ).rejects.toMatchObject({
        code: "ENVELOPE_UNAUTHENTIC",
      });
    }
  });

  it("refuses an envelope whose header was exchanged for another sequence number (SR-30)", async () => {
    const { encrypt0 } = parseEnvelope(await seal(7));
    const other = parseEnvelope(await seal(8)).encrypt0;
    const bytes = encodeCbor([other.protectedBytes, new Map(), encrypt0.ciphertext]);
    await expect(openEnvelope({ bytes, keys, direction: 0 }, crypto)).rejects.toMatchObject({
      code: "ENVELOPE_UNAUTHENTIC",
    });
  });

  it("refuses more than 64 KiB before looking inside", () => {
    const bytes = new Uint8Array(MAX_ENVELOPE_BYTES + 1);
    expect(() => parseEnvelope(bytes)).toThrow(
      expect.objectContaining({ code: "ENVELOPE_TOO_LARGE" }),
    );
  });

  it("refuses to make an envelope that nobody takes", async () => {
    const large = new Uint8Array(MAX_ENVELOPE_BYTES);
    const sealing = sealEnvelope({ keys, direction: 0, seq: 0, signed: large }, crypto);
    await expect(sealing).rejects.toMatchObject({ code: "ENVELOPE_TOO_LARGE" });
  });

  it("refuses to seal a sequence number that the wire has not", async () => {
    for (const seq of [-1, 0.5, NaN, MAX_SEQ + 1]) {
      await expect(seal(seq)).rejects.toThrow(RangeError);
    }
  });

  it("refuses a header with a member that the profile has not", async () => {
    const protectedMap = new Map<number, number | Uint8Array<ArrayBuffer>>([
      [1, 3],
      [6, new Uint8Array([7])],
      [7, 0],
    ]);
    const bytes = await sealEncrypt0(
      {
        protectedMap,
        externalAad: envelopeAad(0, keys.sid),
        plaintext: signed,
        key: keys.keyUp,
        nonce: nonceFor(keys.ivUp, 7),
      },
      crypto,
    );
    expect(() => parseEnvelope(bytes)).toThrow(
      expect.objectContaining({ code: "ENVELOPE_MALFORMED", reason: "header" }),
    );
  });
});

describe("nonces", () => {
  it("differ for every sequence number at the borders of its length, and leave the base IV alone (SR-31)", () => {
    const iv = new Uint8Array(12).fill(0xa5);
    const seqs = [0, 1, 0xff, 0x100, 0xffff, 0x10000, MAX_SEQ];
    expect(new Set(seqs.map((seq) => nonceFor(iv, seq).join())).size).toBe(seqs.length);
    expect(iv).toEqual(new Uint8Array(12).fill(0xa5));
  });

  it("take a base IV that is a view into a larger buffer", () => {
    const buffer = Uint8Array.from({ length: 20 }, (_, index) => index);
    expect(nonceFor(buffer.subarray(5, 17), 0)).toEqual(buffer.slice(5, 17));
  });
});
