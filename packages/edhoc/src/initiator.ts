import type { AgreementKey, Bytes } from "@siphms/cose";
import type { EadItem } from "./ead.ts";
import { encodeEad, parseEad } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import { CONNECTION_ID_BYTES } from "./identifier.ts";
import { encodeIdCred } from "./id-cred.ts";
import type { OwnIdentity, ResolvePeer } from "./identity.ts";
import { refuseOwnCredential, resolvePeer } from "./identity.ts";
import type { Exporter } from "./key-schedule.ts";
import {
  applyKeystream2,
  createExporter,
  deriveAead3,
  deriveAead4,
  deriveMac2,
  deriveMac3,
  derivePrk2e,
} from "./key-schedule.ts";
import { encodeMessage1, METHOD_SIGNATURES } from "./message-1.ts";
import { createOneUse } from "./one-use.ts";
import { encodePlaintext3, parsePlaintext2 } from "./plaintext.ts";
import { acceptEad, checkLength, fixedLength, padEad } from "./profile.ts";
import { openMessage, sealMessage, unwrapMessage } from "./sealed-message.ts";
import { decodeSequence } from "./sequence.ts";
import type { Suite } from "./suite.ts";
import {
  context2,
  context3,
  signedBytes,
  transcriptHash2,
  transcriptHash3,
  transcriptHash4,
} from "./transcript.ts";

/** message_1 is out. Good for one {@link processMessage2}. */
export interface AwaitingMessage2 {
  readonly role: "initiator";
  readonly next: "processMessage2";
}

/** The responder is authenticated. Good for one {@link createMessage3}. */
export interface ReadyForMessage3 {
  readonly role: "initiator";
  readonly next: "createMessage3";
}

/** message_3 is out; the responder has not confirmed. Good for one {@link processMessage4}. */
export interface AwaitingMessage4 {
  readonly role: "initiator";
  readonly next: "processMessage4";
}

const awaitingMessage2 = createOneUse<
  AwaitingMessage2,
  { readonly suite: Suite; readonly ephemeral: AgreementKey; readonly hashOfMessage1: Bytes }
>({ role: "initiator", next: "processMessage2" });

const readyForMessage3 = createOneUse<
  ReadyForMessage3,
  {
    readonly suite: Suite;
    readonly prk3e2m: Bytes;
    readonly th3: Bytes;
    readonly cR: Bytes;
    readonly credR: Bytes;
  }
>({ role: "initiator", next: "createMessage3" });

const awaitingMessage4 = createOneUse<
  AwaitingMessage4,
  { readonly suite: Suite; readonly prk4e3m: Bytes; readonly th4: Bytes }
>({ role: "initiator", next: "processMessage4" });

/**
 * Opens a handshake.
 *
 * @param suite - The one suite that is offered.
 * @param options - `cI` instead of 8 random bytes; `ead1`, readable by everybody, nothing in our profile;
 *   `unsafeEphemeral` a fixed ephemeral key, for published traces only.
 * @see RFC 9528 §5.2.2
 */
export async function createMessage1(
  suite: Suite,
  options: {
    readonly cI?: Bytes;
    readonly ead1?: readonly EadItem[];
    readonly unsafeEphemeral?: AgreementKey;
  } = {},
): Promise<{ readonly message1: Bytes; readonly state: AwaitingMessage2 }> {
  const ephemeral = options.unsafeEphemeral ?? (await suite.generateEphemeral());
  const message1 = encodeMessage1({
    method: METHOD_SIGNATURES,
    suites: [suite.id],
    gX: ephemeral.publicX,
    cI: options.cI ?? suite.randomBytes(CONNECTION_ID_BYTES),
    ead1: encodeEad(options.ead1 ?? []),
  });
  const hashOfMessage1 = await suite.hash(message1);
  return { message1, state: awaitingMessage2.create({ suite, ephemeral, hashOfMessage1 }) };
}

/**
 * Takes message_2 and authenticates the responder. The state is used up, whatever comes of it.
 *
 * Order: size, structure, G_Y, plaintext, EAD_2, credential, signature.
 *
 * @param resolve - Knows the one responder that is meant: a good signature of any other is no success.
 * @returns EAD_2, authenticated by the responder.
 * @throws {EdhocError} `EDHOC_STATE_USED`, `EDHOC_LENGTH`, `EDHOC_MALFORMED`, `EDHOC_PEER_ERROR`,
 *   `EDHOC_CRITICAL_EAD`, `EDHOC_UNKNOWN_CREDENTIAL`, `EDHOC_UNAUTHENTIC`.
 * @see RFC 9528 §5.3.3
 */
export async function processMessage2(
  state: AwaitingMessage2,
  message2: Uint8Array,
  resolve: ResolvePeer,
): Promise<{ readonly ead2: readonly EadItem[]; readonly state: ReadyForMessage3 }> {
  const { suite, ephemeral, hashOfMessage1 } = awaitingMessage2.take(state);
  const content = unwrapMessage(message2);
  const gY = content.slice(0, suite.publicKeyLength);
  const ciphertext2 = content.slice(suite.publicKeyLength);

  const gXY = await suite.agree(ephemeral, gY);
  if (gXY === undefined) throw new EdhocError("EDHOC_MALFORMED", "G_Y");
  const th2 = await transcriptHash2(suite, gY, hashOfMessage1);
  const prk2e = await derivePrk2e(suite, th2, gXY);

  const plaintext2 = await applyKeystream2(suite, { prk2e, th2 }, ciphertext2);
  const { cR, idCred, signature, ead } = parsePlaintext2(suite, plaintext2);
  const ead2 = acceptEad(suite, ead, { message: 2, idCred });
  const { cred: credR, key } = await resolvePeer(resolve, idCred, ead2);

  const prk3e2m = prk2e; // method 0, RFC 9528 §4.1.1.2
  const parts = { idCred: encodeIdCred(idCred), th: th2, cred: credR, ead: ead.raw };
  const mac2 = await deriveMac2(suite, prk3e2m, context2(cR, parts));
  if (!(await suite.verify(key, signature, signedBytes(parts, mac2)))) {
    throw new EdhocError("EDHOC_UNAUTHENTIC", "Signature_or_MAC_2");
  }

  const th3 = await transcriptHash3(suite, th2, { plaintext: plaintext2, cred: credR });
  return { ead2, state: readyForMessage3.create({ suite, prk3e2m, th3, cR, credR }) };
}

/**
 * Signs for ourselves. To be called once per handshake: a lost message_3 is sent again as the same bytes.
 *
 * @param own - Who we are; revealed to the responder that message_2 authenticated and to nobody else.
 * @param options - `ead3`, confidential and authenticated; `length` pads the whole message_3 to exactly that many
 *   bytes (384 under the strict profile).
 * @returns message_3, and C_R for its prefix.
 * @throws {EdhocError} `EDHOC_STATE_USED`; `EDHOC_UNKNOWN_CREDENTIAL` if the responder presented our own
 *   credential; `EDHOC_LENGTH` if the content does not fit.
 * @see RFC 9528 §5.4.2
 */
export async function createMessage3(
  state: ReadyForMessage3,
  own: OwnIdentity,
  options: { readonly ead3?: readonly EadItem[]; readonly length?: number } = {},
): Promise<{ readonly message3: Bytes; readonly cR: Bytes; readonly state: AwaitingMessage4 }> {
  const { suite, prk3e2m, th3, cR, credR } = readyForMessage3.take(state);
  refuseOwnCredential(own.cred, credR);

  const ead = padEad3(suite, own, options);
  const prk4e3m = prk3e2m; // method 0, RFC 9528 §4.1.1.3
  const parts = { idCred: encodeIdCred(own.idCred), th: th3, cred: own.cred, ead };
  const mac3 = await deriveMac3(suite, prk4e3m, context3(parts));
  const signature = await suite.sign(own.key, signedBytes(parts, mac3));
  const plaintext3 = encodePlaintext3({ idCred: own.idCred, signature, ead });
  const message3 = await sealMessage(suite, await deriveAead3(suite, prk3e2m, th3), plaintext3);

  const th4 = await transcriptHash4(suite, th3, { plaintext: plaintext3, cred: own.cred });
  return { message3, cR, state: awaitingMessage4.create({ suite, prk4e3m, th4 }) };
}

/**
 * Takes message_4: the responder has our message_3, and the keys are good from here on.
 *
 * @param options - `length` that the whole message_4 has to have (768 under the strict profile); `knownEad` critical
 *   EAD labels that the caller understands.
 * @throws {EdhocError} `EDHOC_STATE_USED`, `EDHOC_LENGTH`, `EDHOC_MALFORMED`, `EDHOC_PEER_ERROR`, `EDHOC_UNAUTHENTIC`,
 *   `EDHOC_CRITICAL_EAD`.
 * @see RFC 9528 §5.5.3
 */
export async function processMessage4(
  state: AwaitingMessage4,
  message4: Uint8Array,
  options: { readonly length?: number; readonly knownEad?: readonly number[] } = {},
): Promise<{ readonly ead4: readonly EadItem[]; readonly exporter: Exporter }> {
  const { suite, prk4e3m, th4 } = awaitingMessage4.take(state);
  const ciphertext4 = unwrapMessage(message4);
  checkLength(message4, fixedLength(suite, 4, options.length));

  const plaintext4 = await openMessage(suite, await deriveAead4(suite, prk4e3m, th4), ciphertext4);
  const ead4 = acceptEad(suite, parseEad(decodeSequence(plaintext4)), {
    message: 4,
    knownEad: options.knownEad,
  });

  const exporter = await createExporter(suite, prk4e3m, th4);
  prk4e3m.fill(0);
  return { ead4, exporter };
}

/** EAD_3 with the padding behind it; the signature's length is known before the signature is. */
function padEad3(
  suite: Suite,
  own: OwnIdentity,
  options: { readonly ead3?: readonly EadItem[]; readonly length?: number },
): Bytes {
  const ead = encodeEad(options.ead3 ?? []);
  const signature = new Uint8Array(suite.signatureLength);
  const { length: plaintext } = encodePlaintext3({ idCred: own.idCred, signature, ead });
  return padEad(suite, ead, { plaintext, message: fixedLength(suite, 3, options.length) });
}
