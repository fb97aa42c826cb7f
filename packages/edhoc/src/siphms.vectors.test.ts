import type { Bytes } from "@siphms/cose";
import { DEVICE_SUB, fromHex, parseCredential, toHex } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { ownVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import { encodePadding } from "./ead.ts";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createSuiteMinus21,
  EdhocError,
  prefixMessage1,
  prefixMessage3,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
  splitMessage1,
  splitMessage3,
} from "./index.ts";
import type { AwaitingMessage3, AwaitingMessage4, EadItem, ResolvePeer } from "./index.ts";
import { recording } from "./recording.suite.ts";
import type { P256Trace, RecordedParty } from "./trace.suite.ts";
import {
  eadFromSequence,
  ephemeralOf,
  idCredFromMap,
  identityOf,
  replay,
  resolveTo,
  signingAs,
} from "./trace.suite.ts";

type Handshake = Readonly<Record<string, string>>;
interface Key {
  readonly d: string;
  readonly x: string;
  readonly y: string;
}
interface InvalidCase {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly handshake: string;
  readonly bytes: string;
}

const crypto = createNodeCrypto();
const suite = createSuiteMinus21(crypto);
const keys = ownVectors<Readonly<Record<"device" | "hospital", Key>>>("siphms/keys.json");
const invalid = ownVectors<{ readonly cases: readonly InvalidCase[] }>("siphms/invalid.json").cases;
const HANDSHAKES = ["handshake-enrolment.json", "handshake-later.json"] as const;

/** Exporter label to the name in the vectors (protocol section 5). */
const EXPORTS = [
  [32768, "keyUp", 32],
  [32769, "ivUp", 12],
  [32770, "keyDown", 32],
  [32771, "ivDown", 12],
  [32772, "sid", 16],
  [32773, "confirmationSecret", 32],
] as const;

const INTERMEDIATE = [
  "H_message_1",
  "G_XY",
  "TH_2",
  "PRK_2e",
  "PRK_3e2m",
  "MAC_2",
  "signed_2",
].concat(
  ["KEYSTREAM_2", "TH_3", "MAC_3", "signed_3", "PLAINTEXT_3", "K_3", "IV_3", "AAD_3", "TH_4"],
  ["PRK_out", "PRK_exporter", "K_4", "IV_4", "PLAINTEXT_4"],
);

/** Contents of EAD values are for `messages`; EDHOC hands these out as they came. */
const CONTENT_CASES = ["token of 15 bytes", "no commitment", "commitment of 31 bytes"].concat(
  ["device name of 65 bytes", "unknown member in EAD_3", "token value wrapped twice"],
  ["grant without nonce-h", "nonce-h of 32 bytes", "grant with member 5", "binding 2"],
  ["expires as text", "grant wrapped twice"],
);

describe.each(HANDSHAKES)("our own %s", (file) => {
  const handshake = ownVectors<Handshake>(`siphms/${file}`);

  it("is reproduced byte for byte, prefixes and padding included", async () => {
    const { messages } = await replay(traceOf(handshake));
    const [message1, message2, message3, message4] = messages;
    expect(toHex(prefixMessage1(message1))).toBe(handshake["body_1"]);
    expect(toHex(message2)).toBe(handshake["message_2"]);
    const cR = fromHex(handshake["C_R"] ?? "");
    expect(toHex(prefixMessage3(cR, message3))).toBe(handshake["body_3"]);
    expect(toHex(message4)).toBe(handshake["message_4"]);
    expect([message3.length, message4.length]).toEqual([384, 768]);
  });

  it("gives every intermediate value and all six exports", async () => {
    const record = recording(suite);
    const { exporters } = await replay({ ...traceOf(handshake), suite: record.suite });
    expect(INTERMEDIATE.filter((name) => !record.has(handshake[name] ?? "absent"))).toEqual([]);
    for (const exporter of exporters) {
      for (const [label, name, length] of EXPORTS) {
        const exported = await exporter(label, new Uint8Array(), length);
        expect(toHex(exported), name).toBe(handshake[name]);
      }
    }
  });

  it("comes apart again where its prefixes end", () => {
    expect(toHex(splitMessage1(fromHex(handshake["body_1"] ?? "")))).toBe(handshake["message_1"]);
    const { cR, message3 } = splitMessage3(fromHex(handshake["body_3"] ?? ""));
    expect([toHex(cR), toHex(message3)]).toEqual([handshake["C_R"], handshake["message_3"]]);
  });
});

describe("our own EAD padding", () => {
  it("takes exactly the bytes of the 16 lengths in the table", () => {
    const { eadPadding } = ownVectors<{ eadPadding: { length: number; items: string }[] }>(
      "siphms/tables.json",
    );
    expect(eadPadding).toHaveLength(16);
    for (const { length, items } of eadPadding) expect(toHex(encodePadding(length))).toBe(items);
  });
});

describe("our own invalid inputs", () => {
  it("are refused: 13 of message_1", async () => {
    const codes = await codesOf("message_1", async ({ bytes }) => {
      return (await processMessage1([suite], splitMessage1(fromHex(bytes)))).ead1;
    });
    expect(codes).toEqual({
      prefix: ["EDHOC_MALFORMED"],
      method: ["EDHOC_METHOD"],
      suite: ["EDHOC_SUITE", "EDHOC_MALFORMED", "EDHOC_SUITE"],
      G_X: ["EDHOC_MALFORMED", "EDHOC_MALFORMED", "EDHOC_MALFORMED"],
      C_I: ["EDHOC_MALFORMED"],
      EAD: ["EDHOC_CRITICAL_EAD", "EDHOC_CRITICAL_EAD", "EDHOC_MALFORMED"],
      cbor: ["EDHOC_MALFORMED"],
    });
  });

  it("are refused: 22 of 28 of message_3, the other 6 handed to messages", async () => {
    const codes = await codesOf("message_3", async ({ handshake, bytes }) => {
      const { cR, message3 } = splitMessage3(fromHex(bytes));
      const state = await responderAfterMessage2(handshake);
      const resolve = enrolledDevices(handshake === "handshake-later.json");
      const { ead3 } = await processMessage3(state, message3, resolve, { cR });
      return ead3;
    });
    expect(codes).toEqual({
      length: Array.from({ length: 4 }, () => "EDHOC_LENGTH"),
      aead: ["EDHOC_UNAUTHENTIC"],
      C_R: ["EDHOC_MALFORMED"],
      signature: ["EDHOC_UNAUTHENTIC", "EDHOC_UNAUTHENTIC"],
      unknown: ["EDHOC_UNKNOWN_CREDENTIAL", "EDHOC_UNKNOWN_CREDENTIAL"],
      ID_CRED: ["EDHOC_MALFORMED"],
      EAD: [
        "EDHOC_MALFORMED", // token beside a kid
        "EDHOC_MALFORMED", // label 32769 not critical
        "EDHOC_CRITICAL_EAD", // the grant label in EAD_3
        "EDHOC_CRITICAL_EAD", // unknown critical label
        "EDHOC_MALFORMED", // padding that is not zeros
        "EDHOC_MALFORMED", // by value without a token
        ...Array.from({ length: 6 }, () => "handed out: 32769"),
        "EDHOC_MALFORMED", // label 32769 twice
        "EDHOC_MALFORMED", // an EAD item behind the padding
      ],
      enrolled: ["EDHOC_UNKNOWN_CREDENTIAL"],
      sub: ["EDHOC_UNKNOWN_CREDENTIAL"],
      kid: ["EDHOC_UNKNOWN_CREDENTIAL"],
    });
  });

  it("are refused: 8 of 14 of message_4, the other 6 handed to messages", async () => {
    const codes = await codesOf("message_4", async ({ handshake, bytes }) => {
      const state = await initiatorAfterMessage3(handshake);
      return (await processMessage4(state, fromHex(bytes))).ead4;
    });
    expect(codes).toEqual({
      EAD: [
        "EDHOC_MALFORMED", // grant label not critical
        "EDHOC_MALFORMED", // no grant
        "EDHOC_MALFORMED", // two grants
        "EDHOC_CRITICAL_EAD", // enrolment label in EAD_4
        "EDHOC_CRITICAL_EAD", // unknown critical label
      ],
      length: ["EDHOC_LENGTH", "EDHOC_LENGTH"],
      grant: Array.from({ length: 6 }, () => "handed out: 32770"),
      aead: ["EDHOC_UNAUTHENTIC"],
    });
  });

  it("are refused where the initiator shows the hospital's own kid, even if the lookup knows it", async () => {
    const input = invalid.find(({ name }) => name === "kid of the hospital itself");
    const { message3 } = splitMessage3(fromHex(input?.bytes ?? ""));
    const state = await responderAfterMessage2("handshake-later.json");
    const hospital = partyOf(ownVectors<Handshake>("siphms/handshake-later.json"), "R");
    await expect(processMessage3(state, message3, resolveTo(hospital))).rejects.toThrow(
      "EDHOC_UNKNOWN_CREDENTIAL: the peer presents our own credential",
    );
  });

  it.each(HANDSHAKES)("differ from what is accepted after the same start of %s", async (file) => {
    const { message_3: good3, message_4: good4 } = ownVectors<Handshake>(`siphms/${file}`);
    const responder = await responderAfterMessage2(file);
    const resolve = enrolledDevices(file === "handshake-later.json");
    await expect(processMessage3(responder, fromHex(good3 ?? ""), resolve)).resolves.toBeDefined();
    const initiator = await initiatorAfterMessage3(file);
    await expect(processMessage4(initiator, fromHex(good4 ?? ""))).resolves.toBeDefined();
  });
});

/** Codes by reason, in the order of the file; a case of {@link CONTENT_CASES} gives the label that was handed out. */
async function codesOf(
  kind: string,
  work: (input: InvalidCase) => Promise<readonly EadItem[]>,
): Promise<Record<string, string[]>> {
  const codes: Record<string, string[]> = {};
  for (const input of invalid.filter((candidate) => candidate.kind === kind)) {
    const code = await work(input).then(
      (ead) => {
        expect(CONTENT_CASES).toContain(input.name);
        return `handed out: ${ead.map(({ label }) => label).join()}`;
      },
      (error: unknown) => {
        expect(CONTENT_CASES).not.toContain(input.name);
        if (error instanceof EdhocError) return error.code;
        throw error;
      },
    );
    (codes[input.reason] ??= []).push(code);
  }
  return codes;
}

/**
 * The hospital's lookup, as far as it is EDHOC's matter: one enrolled device by kid where there is one,
 * and by value any device credential that is not enrolled.
 */
function enrolledDevices(isEnrolled: boolean): ResolvePeer {
  const device = partyOf(ownVectors<Handshake>("siphms/handshake-later.json"), "I");
  return async (idCred, ead) => {
    if (idCred.kind === "kid") return isEnrolled ? resolveTo(device)(idCred, ead) : undefined;
    if (idCred.kind !== "ccs") return undefined;
    const credential = await parseCredential(idCred.cred, DEVICE_SUB, crypto).catch(
      () => undefined,
    );
    if (
      credential === undefined ||
      (isEnrolled && toHex(credential.bytes) === toHex(device.cred))
    ) {
      return undefined;
    }
    return { cred: credential.bytes, key: await crypto.importVerifyKey(credential.point) };
  };
}

async function responderAfterMessage2(file: string): Promise<AwaitingMessage3> {
  const handshake = ownVectors<Handshake>(`siphms/${file}`);
  const self = partyOf(handshake, "R");
  const message1 = fromHex(handshake["message_1"] ?? "");
  const { state } = await processMessage1([signingAs(suite, self)], message1);
  const second = await createMessage2(state, await identityOf(self), {
    cR: self.connectionId,
    unsafeEphemeral: await ephemeralOf(self),
  });
  return second.state;
}

async function initiatorAfterMessage3(file: string): Promise<AwaitingMessage4> {
  const handshake = ownVectors<Handshake>(`siphms/${file}`);
  const self = partyOf(handshake, "I");
  const { state } = await createMessage1(signingAs(suite, self), {
    cI: self.connectionId,
    unsafeEphemeral: await ephemeralOf(self),
  });
  const message2 = fromHex(handshake["message_2"] ?? "");
  const received = await processMessage2(state, message2, resolveTo(partyOf(handshake, "R")));
  const ead3 = eadFromSequence(handshake["EAD_3"]).items;
  return (await createMessage3(received.state, await identityOf(self), { ead3 })).state;
}

function traceOf(handshake: Handshake): P256Trace {
  return {
    suite,
    initiator: partyOf(handshake, "I"),
    responder: partyOf(handshake, "R"),
    ead3: eadFromSequence(handshake["EAD_3"]).items,
    ead4: eadFromSequence(handshake["PLAINTEXT_4"]).items,
  };
}

function partyOf(handshake: Handshake, role: "I" | "R"): RecordedParty {
  const key = keys[role === "I" ? "device" : "hospital"];
  const bytes = (name: string): Bytes => fromHex(handshake[name] ?? "");
  return {
    idCred: idCredFromMap(handshake[`ID_CRED_${role}`] ?? ""),
    cred: bytes(`CRED_${role}`),
    point: { x: fromHex(key.x), y: fromHex(key.y) },
    scalar: fromHex(key.d),
    signature: bytes(role === "I" ? "Signature_3" : "Signature_2"),
    ephemeral: bytes(role === "I" ? "X" : "Y"),
    connectionId: bytes(`C_${role}`),
  };
}
