import { toHex, type Bytes } from "@siphms/cose";
import {
  MessageError,
  parseReadings,
  parseRequest,
  peekMessageId,
  prepareOpening,
  prepareVerifying,
  TYP,
  type Readings,
  type Request,
  type UnverifiedMessage,
} from "@siphms/messages";
import type { NodeCrypto, SignatureCrew } from "@siphms/node-crypto";
import type { HospitalIdentity } from "../keys/index.ts";
import type { LiveSession, SessionAbsence } from "../sessions/index.ts";
import type { InboundEnvelope } from "./ports.ts";
import { noAnswerReason, type NoAnswerReason } from "./refusal.ts";

/** What a signed message holds: readings, a request, or nothing that could be read as its `typ` says. */
export type SignedContent =
  | { readonly kind: "readings"; readonly readings: Readings }
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "unreadable"; readonly reason: "typ" | "schema"; readonly isRequest: boolean };

/** An envelope that its device sealed and signed. Nothing is judged yet. */
export interface OpenedEnvelope {
  readonly kind: "opened";
  readonly inbound: InboundEnvelope;
  readonly session: LiveSession;
  readonly seq: number;
  /** SHA-256 of the envelope's bytes. */
  readonly hash: Bytes;
  /** The signed message as it came. */
  readonly signed: Bytes;
  readonly content: SignedContent;
  readonly name: Bytes;
  readonly messageId: Bytes;
}

/** An envelope that gets no answer. */
export interface UnansweredEnvelope {
  readonly kind: "unanswered";
  readonly inbound: InboundEnvelope;
  readonly hash: Bytes;
  readonly reason: NoAnswerReason;
  /** Whether there is such a session: the others are counted together. */
  readonly isKnownSession: boolean;
}

/** What opening needs. */
export interface OpeningPorts {
  readonly crypto: NodeCrypto;
  readonly crew: Pick<SignatureCrew, "verifyAll">;
  readonly identities: readonly HospitalIdentity[];
  /** Told of an error that no envelope should be able to cause. */
  readonly onFault: (error: unknown) => void;
}

/** Sessions by hexadecimal sid, or why there is none. */
export type FoundSessions = ReadonlyMap<string, LiveSession | SessionAbsence>;

/** Items signed for an old key are taken this long after its valid-until (protocol section 6, key rotation). */
const OLD_KEY_GRACE_MS = 90 * 86_400_000;

/**
 * Opens and verifies a group of envelopes, each in the order that wastes least on a forgery. Changes nothing.
 *
 * Decrypting is quick and done here; the signatures, which are most of the work, are verified together on all cores.
 */
export async function openGroup(
  group: readonly InboundEnvelope[],
  sessions: FoundSessions,
  ports: OpeningPorts,
): Promise<readonly (OpenedEnvelope | UnansweredEnvelope)[]> {
  const unsealed = group.map((inbound) =>
    unanswerable(inbound, sessions, ports, () => unseal(inbound, sessions, ports)),
  );
  const sealedByDevices = unsealed.filter((item) => item.kind === "unsealed");
  const verdicts = await ports.crew.verifyAll(
    sealedByDevices.map(({ session, message }) => ({
      key: session.device.key,
      signature: message.signature,
      data: message.text,
    })),
  );
  const isGood = new Map(sealedByDevices.map((item, index) => [item, verdicts[index] === true]));
  const opened: (OpenedEnvelope | UnansweredEnvelope)[] = [];
  for (const item of unsealed) {
    if (item.kind === "unanswered") opened.push(item);
    else if (isGood.get(item) !== true) opened.push(await openForRetired(item, sessions, ports));
    else {
      const { inbound } = item;
      opened.push(unanswerable(inbound, sessions, ports, () => readVerified(item, ports)));
    }
  }
  return opened;
}

/** An envelope that opened under its session's key, with a signature that is still to be verified. */
interface UnsealedEnvelope {
  readonly kind: "unsealed";
  readonly inbound: InboundEnvelope;
  readonly session: LiveSession;
  readonly seq: number;
  readonly hash: Bytes;
  readonly signed: Bytes;
  readonly message: UnverifiedMessage;
}

function unseal(
  inbound: InboundEnvelope,
  sessions: FoundSessions,
  { crypto }: OpeningPorts,
): UnsealedEnvelope | UnansweredEnvelope {
  const hash = crypto.sha256Sync(inbound.body);
  const session = sessions.get(toHex(inbound.sid)) ?? "session-unknown";
  if (typeof session === "string") {
    const isKnownSession = session !== "session-unknown";
    return { kind: "unanswered", inbound, hash, reason: session, isKnownSession };
  }
  const { seq, key, nonce, aad, ciphertext } = prepareOpening(inbound.body, session.keys, 0);
  const signed = crypto.openSync(key, nonce, aad, ciphertext);
  if (signed === undefined) throw new MessageError("ENVELOPE_UNAUTHENTIC", "aead");
  const { device, hospital } = session;
  const message = prepareVerifying(signed, device, hospital.credential.thumbprint);
  return { kind: "unsealed", inbound, session, seq, hash, signed, message };
}

function readVerified(
  { inbound, session, seq, hash, signed, message }: UnsealedEnvelope,
  { crypto }: OpeningPorts,
): OpenedEnvelope | UnansweredEnvelope {
  const { typ, payload, text } = message;
  const content = readContent(typ, payload);
  const messageId = messageIdOf(content, payload);
  if (messageId === undefined) {
    return { kind: "unanswered", inbound, hash, reason: "no-message-id", isKnownSession: true };
  }
  const name = crypto.sha256Sync(text);
  return { kind: "opened", inbound, session, hash, seq, signed, content, name, messageId };
}

/** Runs a step, and turns what it throws into the reason for which there is no answer. */
// eslint-disable-next-line max-params -- the first three go with every step
function unanswerable<Item>(
  inbound: InboundEnvelope,
  sessions: FoundSessions,
  ports: OpeningPorts,
  step: () => Item,
): Item | UnansweredEnvelope {
  try {
    return step();
  } catch (error) {
    const reason = noAnswerReason(error);
    if (reason === undefined) ports.onFault(error);
    const hash = ports.crypto.sha256Sync(inbound.body);
    const isKnownSession = typeof sessions.get(toHex(inbound.sid)) === "object";
    return { kind: "unanswered", inbound, hash, reason: reason ?? "internal", isKnownSession };
  }
}

/** `typ` is compared byte for byte; what a device never sends is as unknown as what nobody knows. */
function readContent(typ: string, payload: Bytes): SignedContent {
  const isRequest = typ === TYP.request;
  try {
    if (isRequest) return { kind: "request", request: parseRequest(payload) };
    if (typ === TYP.readings) return { kind: "readings", readings: parseReadings(payload) };
    return { kind: "unreadable", reason: "typ", isRequest };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { kind: "unreadable", reason: "schema", isRequest };
  }
}

function messageIdOf(content: SignedContent, payload: Bytes): Bytes | undefined {
  if (content.kind === "readings") return content.readings.messageId;
  return content.kind === "request" ? content.request.messageId : peekMessageId(payload);
}

/** Not signed for the session's hospital key: perhaps for another one that items may still be signed for. */
async function openForRetired(
  item: UnsealedEnvelope,
  sessions: FoundSessions,
  ports: OpeningPorts,
): Promise<OpenedEnvelope | UnansweredEnvelope> {
  const { inbound, session, signed, hash } = item;
  for (const identity of ports.identities) {
    if (identity.id === session.hospital.id || !isTaken(identity, inbound.receivedAt)) continue;
    const message = prepareVerifying(signed, session.device, identity.credential.thumbprint);
    const { signature, text } = message;
    if (await ports.crypto.verify(session.device.key, signature, text)) {
      return unanswerable(inbound, sessions, ports, () =>
        readVerified({ ...item, message }, ports),
      );
    }
  }
  const reason = "signed-unauthentic";
  return { kind: "unanswered", inbound, hash, reason, isKnownSession: true };
}

function isTaken(identity: HospitalIdentity, now: number): boolean {
  return identity.state === "current" || now <= (identity.validUntil ?? 0) + OLD_KEY_GRACE_MS;
}
