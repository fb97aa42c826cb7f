import {
  createCredential,
  createWebCrypto,
  decodeCbor,
  DEVICE_SUB,
  encodeSign1,
  encStructure,
  fromHex,
  hospitalSub,
  openEncrypt0,
  parseCredential,
  parseEncrypt0,
  parseSign1,
  sealEncrypt0,
  sigStructure,
  thumbprint,
  toHex,
  verifySign1,
} from "@siphms/cose";
import { ownVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

const crypto = createWebCrypto();

interface KeyVector {
  readonly sub: string;
  readonly d: string;
  readonly x: string;
  readonly y: string;
  readonly thumbprint: string;
  readonly kid: string;
  readonly CRED: string;
}

interface InvalidCase {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly bytes: string;
  readonly role?: string;
}

interface MessageVector {
  readonly name: string;
  readonly payload: string;
  readonly protectedHeader: string;
  readonly externalAad: string;
  readonly sigStructure: string;
  readonly itemName: string;
  readonly signature: string;
  readonly signed: string;
  readonly envelopes: readonly {
    readonly session: string;
    readonly direction: 0 | 1;
    readonly protectedHeader: string;
    readonly encStructure: string;
    readonly nonce: string;
    readonly envelope: string;
  }[];
}

type SessionVector = Readonly<Record<"keyUp" | "keyDown" | "sid", string>>;

const keys = ownVectors<Record<string, KeyVector>>("siphms/keys.json");
const invalid = ownVectors<{ cases: readonly InvalidCase[] }>("siphms/invalid.json").cases;
const messages = ownVectors<{ items: readonly MessageVector[] }>("siphms/messages.json").items;
const parties = ["device", "otherDevice", "hospital", "nextHospital"].map(keyVector);

function keyVector(name: string): KeyVector {
  const key = keys[name];
  if (key === undefined) throw new Error(`vectors: no key ${name}`);
  return key;
}

describe("our own vectors, keys.json", () => {
  it.each(parties.map((key) => [key.sub, key] as const))(
    "credential, thumbprint and kid of %s are made and taken to the byte",
    async (sub, key) => {
      const point = { x: fromHex(key.x), y: fromHex(key.y) };
      expect(toHex(await thumbprint(point, crypto))).toBe(key.thumbprint);
      const made = await createCredential(sub, point, crypto);
      expect(toHex(made.bytes)).toBe(key.CRED);
      expect(toHex(made.kid)).toBe(key.kid);
      expect(await parseCredential(fromHex(key.CRED), sub, crypto)).toEqual(made);
      const signingKey = await crypto.importSigningKey(fromHex(key.d), point);
      expect(signingKey.publicPoint).toEqual(point);
    },
  );

  it("holds the four parties", () => {
    expect(parties.length).toBe(4);
  });
});

describe("our own vectors, invalid.json", () => {
  const cbor = invalid.filter(({ kind }) => kind === "cbor");
  const credentials = invalid.filter(({ kind }) => kind === "credential");

  it("holds 33 CBOR cases and 16 credentials, of all four reasons", () => {
    expect(cbor.length).toBe(33);
    expect(credentials.length).toBe(16);
    const reasons = new Set(credentials.map(({ reason }) => reason));
    expect([...reasons].sort()).toEqual(["kid", "point", "schema", "sub"]);
  });

  it.each(cbor.map((entry) => [entry.name, entry] as const))(
    "the decoder refuses: %s",
    (_name, entry) => {
      const code = /^(nested 9 deep|array of (4097|2\^32-1) .*)$/.test(entry.name)
        ? "CBOR_LIMIT"
        : "CBOR_MALFORMED";
      expect(() => decodeCbor(fromHex(entry.bytes))).toThrow(expect.objectContaining({ code }));
    },
  );

  it.each(credentials.map((entry) => [entry.name, entry] as const))(
    "no credential is taken: %s",
    async (_name, entry) => {
      const sub = entry.role === "device" ? DEVICE_SUB : hospitalSub("st-anna");
      await expect(parseCredential(fromHex(entry.bytes), sub, crypto)).rejects.toMatchObject({
        code: "CREDENTIAL_INVALID",
        reason: entry.reason,
      });
    },
  );
});

describe("our own vectors, messages.json", () => {
  it("holds 16 signed messages in 18 envelopes", () => {
    expect(messages.length).toBe(16);
    expect(messages.flatMap(({ envelopes }) => envelopes).length).toBe(18);
  });

  it.each(messages.map((message) => [message.name, message] as const))(
    "the signature of %s verifies and gives its name",
    async (_name, message) => {
      const sign1 = parseSign1(fromHex(message.signed));
      expect(toHex(sign1.protectedBytes)).toBe(message.protectedHeader);
      expect(toHex(sign1.payload)).toBe(message.payload);
      expect(toHex(sign1.signature)).toBe(message.signature);
      expect(toHex(encodeSign1(sign1))).toBe(message.signed);
      const externalAad = fromHex(message.externalAad);
      const structure = sigStructure(sign1.protectedBytes, externalAad, sign1.payload);
      expect(toHex(structure)).toBe(message.sigStructure);
      const kid = sign1.protectedMap.get(4);
      const sender = parties.find((key) => kid instanceof Uint8Array && key.kid === toHex(kid));
      const point = { x: fromHex(sender?.x ?? ""), y: fromHex(sender?.y ?? "") };
      const key = await crypto.importVerifyKey(point);
      const { valid, name } = await verifySign1(sign1, externalAad, { key, crypto });
      expect(valid).toBe(true);
      expect(toHex(name)).toBe(message.itemName);
    },
  );

  it.each(messages.map((message) => [message.name, message] as const))(
    "the envelopes of %s open, and are sealed to the byte",
    async (_name, message) => {
      for (const vector of message.envelopes) {
        const session = ownVectors<SessionVector>(`siphms/${vector.session}`);
        const encrypt0 = parseEncrypt0(fromHex(vector.envelope));
        const { protectedBytes, protectedMap } = encrypt0;
        expect(toHex(protectedBytes)).toBe(vector.protectedHeader);
        const opening = {
          externalAad: fromHex(`8301${vector.direction === 0 ? "00" : "01"}50${session.sid}`),
          key: fromHex(vector.direction === 0 ? session.keyUp : session.keyDown),
          nonce: fromHex(vector.nonce),
        };
        expect(toHex(encStructure(protectedBytes, opening.externalAad))).toBe(vector.encStructure);
        const plaintext = fromHex(message.signed);
        expect(await openEncrypt0(encrypt0, opening, crypto)).toEqual(plaintext);
        const sealed = await sealEncrypt0({ protectedMap, plaintext, ...opening }, crypto);
        expect(toHex(sealed)).toBe(vector.envelope);
      }
    },
  );
});
