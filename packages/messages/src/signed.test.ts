import { createWebCrypto, encodeCbor, encodeSign1, parseSign1, sigStructure } from "@siphms/cose";
import {
  parseSigned,
  parseTyp,
  prepareSigning,
  signedAad,
  signMessage,
  TYP,
  verifySigned,
} from "@siphms/messages";
import { describe, expect, it } from "vitest";

const crypto = createWebCrypto();
const payload = crypto.randomBytes(128);

async function createParty() {
  const key = await crypto.generateSigningKey();
  const thumbprint = crypto.randomBytes(32);
  const verify = await crypto.importVerifyKey(key.publicPoint);
  return { kid: thumbprint.slice(0, 8), thumbprint, signing: key, key: verify };
}

const device = await createParty();
const hospital = await createParty();
const { signed, name } = await signMessage(
  {
    typ: TYP.readings,
    payload,
    sender: device,
    recipientThumbprint: hospital.thumbprint,
    key: device.signing,
  },
  crypto,
);
const expected = { signed, sender: device, recipientThumbprint: hospital.thumbprint };

describe("a signed message", () => {
  it("verifies as the sender's for the recipient and keeps its name", async () => {
    expect(await verifySigned(expected, crypto)).toEqual({ typ: TYP.readings, payload, name });
  });

  it("has the same name under another, equally valid signature", async () => {
    const parts = parseSign1(signed);
    const aad = signedAad(device.thumbprint, hospital.thumbprint);
    const text = sigStructure(parts.protectedBytes, aad, parts.payload);
    const other = encodeSign1({ ...parts, signature: await crypto.sign(device.signing, text) });
    expect((await verifySigned({ ...expected, signed: other }, crypto)).name).toEqual(name);
  });

  it("is refused for another recipient", async () => {
    const other = { ...expected, recipientThumbprint: device.thumbprint };
    await expect(verifySigned(other, crypto)).rejects.toMatchObject({ code: "SIGNED_UNAUTHENTIC" });
  });

  it("is refused as another sender's, by kid, by thumbprint and by key", async () => {
    const impostors = [
      hospital,
      { ...device, kid: hospital.kid },
      { ...device, thumbprint: hospital.thumbprint },
      { ...device, key: hospital.key },
    ];
    for (const sender of impostors) {
      await expect(verifySigned({ ...expected, sender }, crypto)).rejects.toMatchObject({
        code: "SIGNED_UNAUTHENTIC",
      });
    }
  });

  it("is refused under another typ", async () => {
    const parts = parseSign1(signed);
    const header = new Map([...parts.protectedMap, [16, TYP.request] as const]);
    const forged = encodeSign1({ ...parts, protectedBytes: encodeCbor(header) });
    await expect(verifySigned({ ...expected, signed: forged }, crypto)).rejects.toMatchObject({
      code: "SIGNED_UNAUTHENTIC",
      reason: "signature",
    });
  });

  it("is refused with a header that the profile has not, or without one that it has", () => {
    const parts = parseSign1(signed);
    const [alg, kid, typ] = [...parts.protectedMap];
    const headers = [
      [alg!, kid!],
      [alg!, typ!],
      [alg!, kid!, typ!, [17, 0] as const],
      [alg!, [4, "kid"] as const, typ!],
      [alg!, [4, new Uint8Array(7)] as const, typ!],
      [alg!, kid!, [16, 1] as const],
    ];
    for (const header of headers) {
      const bytes = encodeSign1({ ...parts, protectedBytes: encodeCbor(new Map(header)) });
      expect(() => parseSigned(bytes)).toThrow(
        expect.objectContaining({ code: "SIGNED_MALFORMED", reason: "header" }),
      );
    }
  });

  it("binds thumbprints of 32 bytes only", () => {
    expect(() => signedAad(device.kid, hospital.thumbprint)).toThrow(RangeError);
    expect(() => signedAad(device.thumbprint, hospital.kid)).toThrow(RangeError);
    expect(signedAad(device.thumbprint, hospital.thumbprint)).toEqual(
      encodeCbor([device.thumbprint, hospital.thumbprint]),
    );
  });

  it("is not made in the name of a kid of another length", () => {
    for (const kid of [device.kid.slice(1), new Uint8Array(9)]) {
      const sender = { ...device, kid };
      const recipientThumbprint = hospital.thumbprint;
      expect(() =>
        prepareSigning({ typ: TYP.readings, payload, sender, recipientThumbprint }),
      ).toThrow(RangeError);
    }
  });
});

describe("a typ", () => {
  it("is known in its own direction only", () => {
    for (const typ of Object.values(TYP)) {
      const known = typ === TYP.readings || typ === TYP.request ? 0 : 1;
      expect(parseTyp(typ, known)).toBe(typ);
      expect(() => parseTyp(typ, known === 0 ? 1 : 0)).toThrow(
        expect.objectContaining({ code: "TYP_UNKNOWN" }),
      );
    }
  });

  it("is compared byte for byte", () => {
    const wrong = ["", "readings", "toString", `${TYP.readings} `, TYP.readings.toUpperCase()];
    for (const typ of wrong) {
      expect(() => parseTyp(typ, 0)).toThrow(expect.objectContaining({ code: "TYP_UNKNOWN" }));
    }
  });
});
