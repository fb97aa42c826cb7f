import type { AgreementKey, Bytes } from "@siphms/cose";
import { encodeCbor, concatBytes, equalBytes } from "@siphms/cose";
import type { EadItem } from "./ead.ts";
import { encodeEad } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import { CONNECTION_ID_BYTES } from "./identifier.ts";
import type { IdCred } from "./id-cred.ts";
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
import { METHOD_SIGNATURES, parseMessage1, selectSuite } from "./message-1.ts";
import { createOneUse } from "./one-use.ts";
import { encodePlaintext2, parsePlaintext3 } from "./plaintext.ts";
import { acceptEad, checkLength, fixedLength, padEad } from "./profile.ts";
import { openMessage, sealMessage, unwrapMessage } from "./sealed-message.ts";
import type { Suite } from "./suite.ts";
import {
  context2,
  context3,
  signedBytes,
  transcriptHash2,
  transcriptHash3,
  transcriptHash4,
} from "./transcript.ts";

/** message_1 is good. Good for one {@link createMessage2}. */
export interface ReadyForMessage2 {
  readonly role: "responder";
  readonly next: "createMessage2";
}

/** message_2 is out; the initiator is still a stranger. Good for one {@link processMessage3}. */
export interface AwaitingMessage3 {
  readonly role: "responder";
  readonly next: "processMessage3";
}

/** The initiator is authenticated. Good for one {@link createMessage4}. */
export interface ReadyForMessage4 {
  readonly role: "responder";
  readonly next: "createMessage4";
}

const readyForMessage2 = createOneUse<
  ReadyForMessage2,
  { readonly suite: Suite; readonly gX: Bytes; readonly hashOfMessage1: Bytes }
>({ role: "responder", next: "createMessage2" });

const awaitingMessage3 = createOneUse<
  AwaitingMessage3,
  {
    readonly suite: Suite;
    readonly prk3e2m: Bytes;
    readonly th3: Bytes;
    readonly cR: Bytes;
    readonly credR: Bytes;
  }
>({ role: "responder", next: "processMessage3" });

const readyForMessage4 = createOneUse<
  ReadyForMessage4,
  { readonly suite: Suite; readonly prk4e3m: Bytes; readonly th4: Bytes }
>({ role: "responder", next: "createMessage4" });

/**
 * Takes message_1, without its prefix.
 *
 * Order: size, structure, method, suite, G_X, EAD_1. Nothing is authenticated and no key is made, so this is
 * all that a stranger can make us do without an answer.
 *
 * @param suites - The suites that are supported, in any order.
 * @returns EAD_1 and C_I, which anybody may have written.
 * @throws {EdhocError} `EDHOC_LENGTH`, `EDHOC_MALFORMED`, `EDHOC_METHOD`, `EDHOC_SUITE` (with `suitesR` for
 *   the error message), `EDHOC_CRITICAL_EAD`.
 * @see RFC 9528 §5.2.3
 */
export async function processMessage1(
  suites: readonly Suite[],
  message1: Uint8Array,
): Promise<{
  readonly ead1: readonly EadItem[];
  readonly cI: Bytes;
  readonly state: ReadyForMessage2;
}> {
  const received = parseMessage1(message1);
  if (received.method !== METHOD_SIGNATURES) throw new EdhocError("EDHOC_METHOD", "METHOD");
  const suite = selectSuite(suites, received.suites);
  const { gX, cI } = received;
  if (!(await suite.isPublicKey(gX))) throw new EdhocError("EDHOC_MALFORMED", "G_X");
  const ead1 = acceptEad(suite, received.ead1, { message: 1 });

  const hashOfMessage1 = await suite.hash(message1);
  return { ead1, cI, state: readyForMessage2.create({ suite, gX, hashOfMessage1 }) };
}

/**
 * Answers message_1 and proves who we are.
 *
 * @param own - The identity that the initiator asked for. An active attacker can read it, and EAD_2.
 * @param options - `cR` instead of 8 random bytes; `ead2`, nothing in our profile; `unsafeEphemeral` a fixed ephemeral
 *   key, for published traces only.
 * @returns message_2, and C_R by which message_3 will find the state.
 * @throws {EdhocError} `EDHOC_STATE_USED`.
 * @see RFC 9528 §5.3.2
 */
export async function createMessage2(
  state: ReadyForMessage2,
  own: OwnIdentity,
  options: {
    readonly cR?: Bytes;
    readonly ead2?: readonly EadItem[];
    readonly unsafeEphemeral?: AgreementKey;
  } = {},
): Promise<{ readonly message2: Bytes; readonly cR: Bytes; readonly state: AwaitingMessage3 }> {
  const { suite, gX, hashOfMessage1 } = readyForMessage2.take(state);
  const cR = options.cR ?? suite.randomBytes(CONNECTION_ID_BYTES);
  const ephemeral = options.unsafeEphemeral ?? (await suite.generateEphemeral());
  const gY = ephemeral.publicX;

  const gXY = await suite.agree(ephemeral, gX);
  if (gXY === undefined) throw new EdhocError("EDHOC_MALFORMED", "G_X");
  const th2 = await transcriptHash2(suite, gY, hashOfMessage1);
  const prk2e = await derivePrk2e(suite, th2, gXY);

  const prk3e2m = prk2e; // method 0, RFC 9528 §4.1.1.2
  const ead = encodeEad(options.ead2 ?? []);
  const parts = { idCred: encodeIdCred(own.idCred), th: th2, cred: own.cred, ead };
  const mac2 = await deriveMac2(suite, prk3e2m, context2(cR, parts));
  const signature = await suite.sign(own.key, signedBytes(parts, mac2));
  const plaintext2 = encodePlaintext2(cR, { idCred: own.idCred, signature, ead });
  const ciphertext2 = await applyKeystream2(suite, { prk2e, th2 }, plaintext2);

  const th3 = await transcriptHash3(suite, th2, { plaintext: plaintext2, cred: own.cred });
  return {
    message2: encodeCbor(concatBytes(gY, ciphertext2)),
    cR,
    state: awaitingMessage3.create({ suite, prk3e2m, th3, cR, credR: own.cred }),
  };
}

/**
 * Takes message_3, without its prefix, and authenticates the initiator. The state is used up, whatever comes of it:
 * the same message_3 again has to be answered with stored bytes, another one to be refused.
 *
 * Order: size, C_R, AEAD, plaintext, EAD_3, credential, signature. Nothing may be done for the initiator before this
 * returns: not the token redeemed, not the audit entry written.
 *
 * @param resolve - Looks among initiators' credentials alone; has to refuse revoked ones.
 * @param options - `cR` as it came before message_3; `length` that the whole message_3 has to have
 *   (384 under the strict profile); `knownEad` critical EAD labels that the caller understands.
 * @throws {EdhocError} `EDHOC_STATE_USED`, `EDHOC_LENGTH`, `EDHOC_MALFORMED`, `EDHOC_PEER_ERROR`, `EDHOC_UNAUTHENTIC`,
 *   `EDHOC_CRITICAL_EAD`, `EDHOC_UNKNOWN_CREDENTIAL`. The initiator must not learn which.
 * @see RFC 9528 §5.4.3 and protocol section 5
 */
// eslint-disable-next-line max-params -- who, what, against whom; the rest are options
export async function processMessage3(
  state: AwaitingMessage3,
  message3: Uint8Array,
  resolve: ResolvePeer,
  options: {
    readonly cR?: Bytes;
    readonly length?: number;
    readonly knownEad?: readonly number[];
  } = {},
): Promise<{
  readonly idCred: IdCred;
  readonly ead3: readonly EadItem[];
  readonly exporter: Exporter;
  readonly state: ReadyForMessage4;
}> {
  const { suite, prk3e2m, th3, cR, credR } = awaitingMessage3.take(state);
  const ciphertext3 = unwrapMessage(message3);
  checkLength(message3, fixedLength(suite, 3, options.length));
  if (options.cR !== undefined && !equalBytes(options.cR, cR)) {
    throw new EdhocError("EDHOC_MALFORMED", "C_R");
  }

  const plaintext3 = await openMessage(suite, await deriveAead3(suite, prk3e2m, th3), ciphertext3);
  const { idCred, signature, ead } = parsePlaintext3(suite, plaintext3);
  const ead3 = acceptEad(suite, ead, { message: 3, idCred, knownEad: options.knownEad });
  const { cred: credI, key } = await resolvePeer(resolve, idCred, ead3);
  refuseOwnCredential(credR, credI);

  const prk4e3m = prk3e2m; // method 0, RFC 9528 §4.1.1.3
  const parts = { idCred: encodeIdCred(idCred), th: th3, cred: credI, ead: ead.raw };
  const mac3 = await deriveMac3(suite, prk4e3m, context3(parts));
  if (!(await suite.verify(key, signature, signedBytes(parts, mac3)))) {
    throw new EdhocError("EDHOC_UNAUTHENTIC", "Signature_or_MAC_3");
  }

  const th4 = await transcriptHash4(suite, th3, { plaintext: plaintext3, cred: credI });
  const exporter = await createExporter(suite, prk4e3m, th4);
  return { idCred, ead3, exporter, state: readyForMessage4.create({ suite, prk4e3m, th4 }) };
}

/**
 * Confirms to the initiator that the handshake is complete. To be called after all that it promises is stored, and
 * once: the same message_3 again gets these bytes again.
 *
 * @param options - `ead4`, confidential and authenticated; `length` pads the whole message_4 to exactly that many
 *   bytes (768 under the strict profile).
 * @throws {EdhocError} `EDHOC_STATE_USED`; `EDHOC_LENGTH` if the content does not fit.
 * @see RFC 9528 §5.5.2
 */
export async function createMessage4(
  state: ReadyForMessage4,
  options: { readonly ead4?: readonly EadItem[]; readonly length?: number } = {},
): Promise<{ readonly message4: Bytes }> {
  const { suite, prk4e3m, th4 } = readyForMessage4.take(state);
  const ead = encodeEad(options.ead4 ?? []);
  const plaintext4 = padEad(suite, ead, {
    plaintext: ead.length,
    message: fixedLength(suite, 4, options.length),
  });
  const message4 = await sealMessage(suite, await deriveAead4(suite, prk4e3m, th4), plaintext4);
  prk4e3m.fill(0);
  return { message4 };
}
