import { toHex, type Bytes } from "@siphms/cose";
import {
  MessageError,
  openEnvelope,
  parseReadings,
  parseRequest,
  peekMessageId,
  TYP,
  verifySigned,
  type Readings,
  type Request,
  type VerifiedSigned,
} from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
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
  readonly identities: readonly HospitalIdentity[];
}

/** Items signed for an old key are taken this long after its valid-until (protocol section 6, key rotation). */
const OLD_KEY_GRACE_MS = 90 * 86_400_000;

/**
 * Opens and verifies one envelope, in the order that wastes least on a forgery. Changes nothing.
 *
 * The signature is verified in the thread pool, so many envelopes at once use all cores.
 */
export async function openInbound(
  inbound: InboundEnvelope,
  sessions: ReadonlyMap<string, LiveSession | SessionAbsence>,
  ports: OpeningPorts,
): Promise<OpenedEnvelope | UnansweredEnvelope> {
  const hash = ports.crypto.sha256Sync(inbound.body);
  const session = sessions.get(toHex(inbound.sid)) ?? "session-unknown";
  const isKnownSession = session !== "session-unknown";
  const unanswered = (reason: NoAnswerReason): UnansweredEnvelope => {
    return { kind: "unanswered", inbound, hash, reason, isKnownSession };
  };
  if (typeof session === "string") return unanswered(session);
  try {
    const { seq, signed } = await openEnvelope(
      { bytes: inbound.body, keys: session.keys, direction: 0 },
      ports.crypto,
    );
    const { typ, payload, name } = await verifyForUs(signed, { inbound, session }, ports);
    const content = readContent(typ, payload);
    const messageId = messageIdOf(content, payload);
    if (messageId === undefined) return unanswered("no-message-id");
    return { kind: "opened", inbound, session, hash, seq, signed, content, name, messageId };
  } catch (error) {
    const reason = noAnswerReason(error);
    if (reason === undefined) throw error;
    return unanswered(reason);
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

/** Verifies under the session's hospital key, else under each other one that items may still be signed for. */
async function verifyForUs(
  signed: Bytes,
  { inbound, session }: Pick<OpenedEnvelope, "inbound" | "session">,
  { crypto, identities }: OpeningPorts,
): Promise<VerifiedSigned> {
  const verifyFor = ({ credential }: HospitalIdentity) =>
    verifySigned(
      { signed, sender: session.device, recipientThumbprint: credential.thumbprint },
      crypto,
    );
  try {
    return await verifyFor(session.hospital);
  } catch (error) {
    if (!isUnauthentic(error)) throw error;
    for (const identity of identities) {
      if (identity.id === session.hospital.id || !isTaken(identity, inbound.receivedAt)) continue;
      try {
        return await verifyFor(identity);
      } catch (other) {
        if (!isUnauthentic(other)) throw other;
      }
    }
    throw error;
  }
}

function isTaken(identity: HospitalIdentity, now: number): boolean {
  return identity.state === "current" || now <= (identity.validUntil ?? 0) + OLD_KEY_GRACE_MS;
}

function isUnauthentic(error: unknown): boolean {
  return error instanceof MessageError && error.code === "SIGNED_UNAUTHENTIC";
}
