import {
  type Bytes,
  createWebCrypto,
  type Crypto,
  encodeCbor,
  encStructure,
  fromHex,
  type SigningKey,
  sigStructure,
  toHex,
  type VerifyKey,
} from "@siphms/cose";
import { ownVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import {
  commitment,
  confirmationCode,
  deriveConfirmationSecret,
  deriveSessionKeys,
  type Direction,
  encodeEnrolment,
  encodeGrant,
  encodeNotice,
  encodeReadings,
  encodeReceipt,
  encodeRequest,
  encodeResponse,
  envelopeAad,
  type Exporter,
  METHODS,
  NOTICES,
  nonceFor,
  openEnvelope,
  parseEnrolment,
  parseEnvelope,
  parseGrant,
  parseNotice,
  parseReadings,
  parseReceipt,
  parseRequest,
  parseResponse,
  parseSigned,
  sealEnvelope,
  type SessionKeys,
  signedAad,
  signMessage,
  TYP,
  type Typ,
  verifySigned,
} from "@siphms/messages";

type Hexed<Name extends string> = Readonly<Record<Name, string>>;

interface Handshake extends Hexed<
  | "PRK_exporter"
  | "keyUp"
  | "ivUp"
  | "keyDown"
  | "ivDown"
  | "sid"
  | "confirmationSecret"
  | "nonceH"
  | "gatewayPass"
  | "grant"
> {
  readonly now: number;
  readonly expires: number;
  readonly binding: 0 | 1;
}

interface Enrolling
  extends
    Handshake,
    Hexed<"token" | "deviceName" | "nonceD" | "commitment" | "EAD_3_value" | "code"> {}

interface Envelope extends Hexed<
  "session" | "protectedHeader" | "encStructure" | "nonce" | "envelope"
> {
  readonly direction: Direction;
  readonly seq: number;
}

interface Item extends Hexed<
  | "name"
  | "payload"
  | "protectedHeader"
  | "externalAad"
  | "sigStructure"
  | "itemName"
  | "signature"
  | "signed"
> {
  readonly typ: Typ;
  readonly padLength: number;
  readonly envelopes: readonly Envelope[];
}

type KeyVector = Hexed<"kid" | "thumbprint" | "x" | "y" | "d">;

const crypto = createWebCrypto();
const keys = ownVectors<{ device: KeyVector; hospital: KeyVector }>("siphms/keys.json");
const handshakes = {
  "handshake-later.json": ownVectors<Handshake>("siphms/handshake-later.json"),
  "handshake-enrolment.json": ownVectors<Enrolling>("siphms/handshake-enrolment.json"),
};
const { items } = ownVectors<{ items: readonly Item[] }>("siphms/messages.json");

describe("the published messages", () => {
  it("are sixteen, sealed eighteen times", () => {
    expect(items).toHaveLength(16);
    expect(items.flatMap((item) => item.envelopes)).toHaveLength(18);
    expect(new Set(items.map((item) => item.typ))).toEqual(new Set(Object.values(TYP)));
  });

  for (const item of items) {
    it(`are read and written the same, byte for byte: ${item.name}`, () => {
      expect(toHex(recode(item.typ, fromHex(item.payload)))).toBe(item.payload);
    });

    it(`are signed the same and verify: ${item.name}`, async () => {
      const [sender, recipient] = parties(item);
      const externalAad = signedAad(fromHex(sender.thumbprint), fromHex(recipient.thumbprint));
      expect(toHex(externalAad)).toBe(item.externalAad);
      const { sign1 } = parseSigned(fromHex(item.signed));
      expect(toHex(sign1.protectedBytes)).toBe(item.protectedHeader);
      const toSign = sigStructure(sign1.protectedBytes, externalAad, sign1.payload);
      expect(toHex(toSign)).toBe(item.sigStructure);

      const made = await signMessage(
        {
          typ: item.typ,
          payload: fromHex(item.payload),
          sender: { kid: fromHex(sender.kid), thumbprint: fromHex(sender.thumbprint) },
          recipientThumbprint: fromHex(recipient.thumbprint),
          key: await signingKey(sender),
        },
        signingAs(fromHex(item.signature)),
      );
      expect(toHex(made.signed)).toBe(item.signed);
      expect(toHex(made.name)).toBe(item.itemName);

      const verified = await verifySigned(
        {
          signed: fromHex(item.signed),
          sender: {
            kid: fromHex(sender.kid),
            thumbprint: fromHex(sender.thumbprint),
            key: await verifyKey(sender),
          },
          recipientThumbprint: fromHex(recipient.thumbprint),
        },
        crypto,
      );
      expect(verified.typ).toBe(item.typ);
      expect(toHex(verified.payload)).toBe(item.payload);
      expect(toHex(verified.name)).toBe(item.itemName);
    });

    for (const sealed of item.envelopes) {
      it(`are sealed and opened the same: ${item.name}, ${sealed.session}, seq ${sealed.seq}`, async () => {
        const session = sessionKeys(sealed.session);
        const { direction, seq } = sealed;
        const signed = fromHex(item.signed);
        const made = await sealEnvelope({ keys: session, direction, seq, signed }, crypto);
        expect(toHex(made)).toBe(sealed.envelope);

        const { encrypt0 } = parseEnvelope(made);
        expect(toHex(encrypt0.protectedBytes)).toBe(sealed.protectedHeader);
        const aad = encStructure(encrypt0.protectedBytes, envelopeAad(direction, session.sid));
        expect(toHex(aad)).toBe(sealed.encStructure);
        const iv = direction === 0 ? session.ivUp : session.ivDown;
        expect(toHex(nonceFor(iv, seq))).toBe(sealed.nonce);

        const bytes = fromHex(sealed.envelope);
        const opened = await openEnvelope({ bytes, keys: session, direction }, crypto);
        expect(opened.seq).toBe(seq);
        expect(toHex(opened.signed)).toBe(item.signed);
      });
    }
  }

  it("hold parameters, results and bodies that their codecs write the same", () => {
    let checked = 0;
    for (const item of items) {
      const payload = fromHex(item.payload);
      if (item.typ === TYP.request) {
        const { method, parameters } = parseRequest(payload);
        if (method === "confirm" || method === "consent" || method === "profile") {
          const codec = METHODS[method].parameters as {
            encode: (value: unknown) => typeof parameters;
            parse: (map: typeof parameters) => unknown;
          };
          expect(codec.encode(codec.parse(parameters))).toEqual(parameters);
          checked++;
        }
      }
      if (item.name === "response: profile") {
        const { result } = parseResponse(payload);
        expect(METHODS.profile.result.encode(METHODS.profile.result.parse(result))).toEqual(result);
        checked++;
      }
      if (item.typ === TYP.notice) {
        const { kind, body } = parseNotice(payload);
        if (kind === "measure-now" || kind === "key-rotation" || kind === "binding-active") {
          const codec = NOTICES[kind] as {
            encode: (value: unknown) => typeof body;
            parse: (map: typeof body) => unknown;
          };
          expect(codec.encode(codec.parse(body))).toEqual(body);
          checked++;
        }
      }
    }
    expect(checked).toBe(7);
  });
});

describe("the published handshakes", () => {
  for (const [file, handshake] of Object.entries(handshakes)) {
    it(`give the session keys that are exported: ${file}`, async () => {
      const exporter = exporterOf(fromHex(handshake.PRK_exporter));
      const derived = await deriveSessionKeys(exporter);
      expect(derived).toEqual(sessionKeys(file));
      const secret = await deriveConfirmationSecret(exporter);
      expect(toHex(secret)).toBe(handshake.confirmationSecret);
    });

    it(`carry a grant that is read and written the same: ${file}`, () => {
      const grant = {
        pass: handshake.gatewayPass,
        expires: handshake.expires,
        binding: handshake.binding,
        now: handshake.now,
        nonceH: fromHex(handshake.nonceH),
      };
      expect(parseGrant(fromHex(handshake.grant))).toEqual(grant);
      expect(toHex(encodeGrant(grant))).toBe(handshake.grant);
    });
  }

  it("carry an enrolment that is read and written the same, and lead to the six digits", async () => {
    const vector = handshakes["handshake-enrolment.json"];
    const nonceD = fromHex(vector.nonceD);
    const enrolment = {
      token: fromHex(vector.token),
      deviceName: vector.deviceName,
      commitment: await commitment(nonceD, crypto),
    };
    expect(toHex(enrolment.commitment)).toBe(vector.commitment);
    expect(parseEnrolment(fromHex(vector.EAD_3_value))).toEqual(enrolment);
    expect(toHex(encodeEnrolment(enrolment))).toBe(vector.EAD_3_value);
    const secret = fromHex(vector.confirmationSecret);
    const code = await confirmationCode({ secret, nonceD, nonceH: fromHex(vector.nonceH) }, crypto);
    expect(code).toBe(vector.code);
  });
});

describe("the published tables", () => {
  interface Tables {
    readonly payloadPads: readonly {
      methodLength: number;
      padLength: number;
      payloadLength: number;
      payloadSha256: string;
    }[];
    readonly seqs: readonly { seq: number; protectedHeader: string; nonce: string }[];
    readonly codes: readonly Hexed<"confirmationSecret" | "nonceD" | "nonceH" | "code">[];
  }
  const tables = ownVectors<Tables>("siphms/tables.json");

  it("of pads are met, seventeen", async () => {
    expect(tables.payloadPads).toHaveLength(17);
    for (const row of tables.payloadPads) {
      const payload = encodeRequest({
        messageId: new Uint8Array(16),
        created: 0,
        method: "x".repeat(row.methodLength),
        parameters: new Map(),
      });
      expect(payload).toHaveLength(row.payloadLength);
      expect(toHex(await crypto.sha256(payload))).toBe(row.payloadSha256);
    }
  });

  it("of sequence numbers are met, nine", async () => {
    expect(tables.seqs).toHaveLength(9);
    const session = sessionKeys("handshake-later.json");
    for (const row of tables.seqs) {
      expect(toHex(nonceFor(session.ivUp, row.seq))).toBe(row.nonce);
      const sealed = await sealEnvelope(
        { keys: session, direction: 0, seq: row.seq, signed: new Uint8Array(1) },
        crypto,
      );
      const { seq, encrypt0 } = parseEnvelope(sealed);
      expect(seq).toBe(row.seq);
      expect(toHex(encrypt0.protectedBytes)).toBe(row.protectedHeader);
    }
  });

  it("of confirmation codes are met, six, leading zeros among them", async () => {
    expect(tables.codes).toHaveLength(6);
    for (const row of tables.codes) {
      const code = await confirmationCode(
        {
          secret: fromHex(row.confirmationSecret),
          nonceD: fromHex(row.nonceD),
          nonceH: fromHex(row.nonceH),
        },
        crypto,
      );
      expect(code).toBe(row.code);
    }
  });
});

function recode(typ: Typ, payload: Bytes): Bytes {
  switch (typ) {
    case TYP.readings:
      return encodeReadings(parseReadings(payload));
    case TYP.receipt:
      return encodeReceipt(parseReceipt(payload));
    case TYP.request:
      return encodeRequest(parseRequest(payload));
    case TYP.response:
      return encodeResponse(parseResponse(payload));
    case TYP.notice:
      return encodeNotice(parseNotice(payload));
  }
}

function parties(item: Item): readonly [sender: KeyVector, recipient: KeyVector] {
  const fromDevice = item.typ === TYP.readings || item.typ === TYP.request;
  return fromDevice ? [keys.device, keys.hospital] : [keys.hospital, keys.device];
}

function sessionKeys(file: string): SessionKeys {
  const vector = handshakes[file as keyof typeof handshakes];
  return {
    sid: fromHex(vector.sid),
    keyUp: fromHex(vector.keyUp),
    ivUp: fromHex(vector.ivUp),
    keyDown: fromHex(vector.keyDown),
    ivDown: fromHex(vector.ivDown),
  };
}

/** EDHOC_Exporter by its definition (RFC 9528 §4.2.1): Expand over the sequence label, context, length. */
function exporterOf(prk: Bytes): Exporter {
  return (label, context, length) => {
    const info = [encodeCbor(label), encodeCbor(new Uint8Array(context)), encodeCbor(length)];
    return crypto.hkdfExpand(prk, Uint8Array.from(info.flatMap((part) => [...part])), length);
  };
}

async function signingKey(vector: KeyVector): Promise<SigningKey> {
  return crypto.importSigningKey(fromHex(vector.d), { x: fromHex(vector.x), y: fromHex(vector.y) });
}

async function verifyKey(vector: KeyVector): Promise<VerifyKey> {
  return crypto.importVerifyKey({ x: fromHex(vector.x), y: fromHex(vector.y) });
}

/** ECDSA is randomised: this signer returns the recorded signature, which the same test verifies. */
function signingAs(signature: Bytes): Crypto {
  return { ...crypto, sign: () => Promise.resolve(signature) };
}
