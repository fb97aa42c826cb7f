import {
  type Bytes,
  createWebCrypto,
  decodeCborSequence,
  encStructure,
  fromHex,
  toHex,
} from "@siphms/cose";
import { ownVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import {
  type Direction,
  MessageError,
  openEnvelope,
  parseEnrolment,
  parseGrant,
  parseInvitation,
  parseNotice,
  parseReadings,
  parseReceipt,
  parseRequest,
  parseResponse,
  parseTyp,
  peekMessageId,
  type SessionKeys,
  TYP,
  type Typ,
  verifySigned,
} from "@siphms/messages";

type Hexed<Name extends string> = Readonly<Record<Name, string>>;

interface Case extends Hexed<"kind" | "name" | "reason" | "bytes"> {
  readonly handshake?: string;
  readonly session?: string;
  readonly direction?: Direction;
  readonly waitingFor?: Hexed<"messageId" | "itemName">;
}

type Handshake = Hexed<
  | "keyUp"
  | "ivUp"
  | "keyDown"
  | "ivDown"
  | "sid"
  | "K_3"
  | "IV_3"
  | "TH_3"
  | "K_4"
  | "IV_4"
  | "TH_4"
>;

type KeyVector = Hexed<"kid" | "thumbprint" | "x" | "y">;

const crypto = createWebCrypto();
const keys = ownVectors<{ device: KeyVector; hospital: KeyVector }>("siphms/keys.json");
const { cases } = ownVectors<{ cases: readonly Case[] }>("siphms/invalid.json");
const ofKind = (kind: string): readonly Case[] => cases.filter((one) => one.kind === kind);

describe("the published invalid invitations", () => {
  it("are fourteen", () => {
    expect(ofKind("invitation")).toHaveLength(14);
  });

  for (const { name, bytes, reason } of ofKind("invitation")) {
    it(`are refused: ${name}`, async () => {
      const refused = await refusal(parseInvitation(fromHex(bytes), crypto));
      expect(refused).toMatchObject({ code: "INVITATION_INVALID", reason });
    });
  }
});

describe("the published invalid envelopes", () => {
  it("are twenty-nine", () => {
    expect(ofKind("envelope")).toHaveLength(29);
  });

  for (const one of ofKind("envelope")) {
    it(`are refused: ${one.name}`, async () => {
      const { code } = await refusal(open(one));
      expect(code).toBe(one.reason === "aead" ? "ENVELOPE_UNAUTHENTIC" : "ENVELOPE_MALFORMED");
    });
  }
});

describe("the published wrongly signed messages", () => {
  /** A signature that is none by its length is found before it is verified. */
  const malformed = ["signature in DER", "signature of 63 bytes"];

  it("are twenty-three", () => {
    expect(ofKind("signed")).toHaveLength(23);
  });

  for (const one of ofKind("signed")) {
    it(`open and are refused: ${one.name}`, async () => {
      const signed = await open(one);
      const { code } = await refusal(verify(signed, 0));
      const isForged = one.reason === "signature" && !malformed.includes(one.name);
      const isForeign = one.name === "kid of another device";
      expect(code).toBe(isForged || isForeign ? "SIGNED_UNAUTHENTIC" : "SIGNED_MALFORMED");
    });
  }
});

describe("the published payloads to refuse", () => {
  const codes = {
    typ: "TYP_UNKNOWN",
    schema: "PAYLOAD_SCHEMA",
    pad: "PAYLOAD_SCHEMA",
    cbor: "PAYLOAD_MALFORMED",
  };

  it("are forty", () => {
    expect(ofKind("payload")).toHaveLength(40);
  });

  for (const one of ofKind("payload")) {
    it(`verify and are refused: ${one.name}`, async () => {
      const { typ, payload } = await verify(await open(one), 0);
      const refused = await refusal(() => parsePayload(parseTyp(typ, 0), payload));
      expect(refused.code).toBe(codes[one.reason as keyof typeof codes]);
      if (one.reason === "pad") expect(refused.reason).toBe("pad");
      // Where no message-id can be read there is no answer; else the refusal names it.
      const isNameless = one.reason === "cbor" || one.name === "message-id of 15 bytes";
      expect(peekMessageId(payload) === undefined).toBe(isNameless);
    });
  }
});

describe("the published answers that free nothing", () => {
  it("are fourteen", () => {
    expect(ofKind("answer")).toHaveLength(14);
  });

  for (const one of ofKind("answer")) {
    it(`are dropped: ${one.name}`, async () => {
      const signed = await open(one);
      if (one.reason === "header" || one.reason === "signature") {
        expect((await refusal(verify(signed, 1))).code).toBe("SIGNED_UNAUTHENTIC");
        return;
      }
      const { typ, payload } = await verify(signed, 1);
      if (one.reason === "typ" || one.reason === "schema") {
        const { code } = await refusal(() => parsePayload(parseTyp(typ, 1), payload));
        expect(code).toBe(one.reason === "typ" ? "TYP_UNKNOWN" : "PAYLOAD_SCHEMA");
        return;
      }
      const receipt = parseReceipt(payload);
      const isSame = {
        "message-id": toHex(receipt.messageId) === one.waitingFor?.messageId,
        name: toHex(receipt.name) === one.waitingFor?.itemName,
      };
      expect(isSame[one.reason as keyof typeof isSame]).toBe(false);
    });
  }
});

describe("the published handshakes with a wrong enrolment or grant inside", () => {
  const WRONG_ENROLMENTS = [
    "token of 15 bytes",
    "no commitment",
    "commitment of 31 bytes",
    "device name of 65 bytes",
    "unknown member in EAD_3",
    "token value wrapped twice",
  ];

  it("hold six wrong enrolments", () => {
    const found = ofKind("message_3").filter((one) => WRONG_ENROLMENTS.includes(one.name));
    expect(found).toHaveLength(WRONG_ENROLMENTS.length);
  });

  for (const one of ofKind("message_3").filter(({ name }) => WRONG_ENROLMENTS.includes(name))) {
    it(`are refused in message_3: ${one.name}`, async () => {
      const handshake = handshakeOf(one.handshake);
      const [, message] = decodeCborSequence(fromHex(one.bytes));
      const plaintext = await decrypt(message?.value as Bytes, handshake, 3);
      const value = eadValue(plaintext, -32769);
      expect((await refusal(() => parseEnrolment(value))).code).toBe("ENROLMENT_INVALID");
    });
  }

  it("hold six wrong grants", () => {
    expect(ofKind("message_4").filter(({ reason }) => reason === "grant")).toHaveLength(6);
  });

  for (const one of ofKind("message_4").filter(({ reason }) => reason === "grant")) {
    it(`are refused in message_4: ${one.name}`, async () => {
      const handshake = handshakeOf(one.handshake);
      const [message] = decodeCborSequence(fromHex(one.bytes));
      const plaintext = await decrypt(message?.value as Bytes, handshake, 4);
      const value = eadValue(plaintext, -32770);
      expect((await refusal(() => parseGrant(value))).code).toBe("GRANT_INVALID");
    });
  }
});

function parsePayload(typ: Typ, payload: Bytes): unknown {
  switch (typ) {
    case TYP.readings:
      return parseReadings(payload);
    case TYP.receipt:
      return parseReceipt(payload);
    case TYP.request:
      return parseRequest(payload);
    case TYP.response:
      return parseResponse(payload);
    case TYP.notice:
      return parseNotice(payload);
  }
}

function handshakeOf(file: string | undefined): Handshake {
  return ownVectors<Handshake>(`siphms/${file ?? ""}`);
}

async function open(one: Case): Promise<Bytes> {
  const vector = handshakeOf(one.session);
  const session: SessionKeys = {
    sid: fromHex(vector.sid),
    keyUp: fromHex(vector.keyUp),
    ivUp: fromHex(vector.ivUp),
    keyDown: fromHex(vector.keyDown),
    ivDown: fromHex(vector.ivDown),
  };
  const bytes = fromHex(one.bytes);
  return (await openEnvelope({ bytes, keys: session, direction: one.direction ?? 0 }, crypto))
    .signed;
}

async function verify(
  signed: Bytes,
  direction: Direction,
): Promise<{ readonly typ: string; readonly payload: Bytes }> {
  const [sender, recipient] =
    direction === 0 ? [keys.device, keys.hospital] : [keys.hospital, keys.device];
  const point = { x: fromHex(sender.x), y: fromHex(sender.y) };
  const key = await crypto.importVerifyKey(point);
  const party = { kid: fromHex(sender.kid), thumbprint: fromHex(sender.thumbprint), key };
  const recipientThumbprint = fromHex(recipient.thumbprint);
  return verifySigned({ signed, sender: party, recipientThumbprint }, crypto);
}

/** Opens the ciphertext of message_3 or message_4 with the recorded keys (RFC 9528 §5.4.2, §5.5.2). */
async function decrypt(ciphertext: Bytes, handshake: Handshake, message: 3 | 4): Promise<Bytes> {
  const key = fromHex(handshake[`K_${message}`]);
  const nonce = fromHex(handshake[`IV_${message}`]);
  const aad = encStructure(new Uint8Array(), fromHex(handshake[`TH_${message}`]));
  const plaintext = await crypto.open(key, nonce, aad, ciphertext);
  if (plaintext === undefined) throw new Error("the vector does not open");
  return plaintext;
}

function eadValue(plaintext: Bytes, label: number): Bytes {
  const items = decodeCborSequence(plaintext).map((item) => item.value);
  const value = items[items.indexOf(label) + 1];
  if (!items.includes(label) || !(value instanceof Uint8Array)) throw new Error("no such EAD item");
  return value;
}

async function refusal(work: Promise<unknown> | (() => unknown)): Promise<MessageError> {
  try {
    const result = await (typeof work === "function" ? Promise.resolve().then(work) : work);
    expect(result, "was taken").toBeUndefined();
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
  throw new Error("was taken");
}
