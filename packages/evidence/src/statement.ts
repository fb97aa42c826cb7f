import {
  asBytes,
  CoseError,
  decodeCbor,
  encodeCbor,
  isCborArray,
  isCborMap,
  sigStructure,
  type Bytes,
  type CborKey,
  type CborMap,
  type CborValue,
} from "@siphms/cose";
import { signedAad, type Party, type UnsignedMessage } from "@siphms/messages";
import { EvidenceError } from "./error.ts";

/**
 * The media type of a statement. None of the protocol's five: a device takes no message of it, and no message of the
 * protocol is taken for a statement.
 */
export const STATEMENT_TYP = "application/siphms-evidence-statement-1" as const;

const ALG_ES256 = -7;
const HASH_BYTES = 32;
/** The last moment, in ms, that a date can stand for (ECMA-262): nobody can show a later one. */
export const MAX_TIME_MS = 8.64e15;

/** What a doctor decided about samples in quarantine. */
export interface StatedDecision {
  /** Why the samples stand, or stood, in quarantine. */
  readonly reason: string;
  readonly kind: "rejected" | "released";
  /** ms. */
  readonly at: number;
  readonly by: string;
  readonly why: string;
}

/** What the hospital says of a message at the time when somebody asks for evidence. */
export interface Statement {
  /** ms. */
  readonly made: number;
  /** As in its credentials: a thumbprint covers a key and not whose it is. */
  readonly hospitalId: string;
  readonly hospitalName: string;
  /** Thumbprints of the hospital's keys in the file, in its order, 32 bytes each. */
  readonly hospitalKeys: readonly Bytes[];
  /** The message's name (protocol section 3), 32 bytes. */
  readonly message: Bytes;
  /** The receipt's name, 32 bytes. */
  readonly receipt: Bytes;
  /** Whose device it is. */
  readonly patient: { readonly mrn: string; readonly name: string; readonly birthDate: string };
  readonly binding: {
    readonly state: string;
    /** ms. */
    readonly enrolled: number;
    readonly deviceName: string;
    readonly confirmed?: { readonly at: number; readonly by: string };
    /** When it was revoked or dropped, ms. */
    readonly ended?: number;
  };
  readonly decisions: readonly StatedDecision[];
}

/** Prepares a statement for signing by one of the hospital's identity keys, about a message of one device. */
export function prepareStatement(
  statement: Statement,
  signer: Party,
  deviceThumbprint: Uint8Array,
): UnsignedMessage {
  const payload = encodeStatement(statement);
  const protectedBytes = encodeCbor(
    new Map<CborKey, CborValue>([
      [1, ALG_ES256],
      [4, signer.kid],
      [16, STATEMENT_TYP],
    ]),
  );
  const externalAad = signedAad(signer.thumbprint, deviceThumbprint);
  return { protectedBytes, payload, text: sigStructure(protectedBytes, externalAad, payload) };
}

/** Encodes a statement's payload. */
export function encodeStatement(statement: Statement): Bytes {
  const { patient, binding, decisions } = statement;
  const { confirmed, ended } = binding;
  return encodeCbor(
    map(
      [1, statement.made],
      [2, statement.hospitalId],
      [3, statement.hospitalName],
      [4, statement.hospitalKeys],
      [5, statement.message],
      [6, statement.receipt],
      [7, map([1, patient.mrn], [2, patient.name], [3, patient.birthDate])],
      [
        8,
        map(
          [1, binding.state],
          [2, binding.enrolled],
          [3, binding.deviceName],
          [4, confirmed?.at],
          [5, confirmed?.by],
          [6, ended],
        ),
      ],
      [
        9,
        decisions.map(({ reason, kind, at, by, why }) =>
          map([1, reason], [2, kind === "released" ? 1 : 0], [3, at], [4, by], [5, why]),
        ),
      ],
    ),
  );
}

/**
 * Parses a statement's payload.
 *
 * @throws {EvidenceError} `EVIDENCE_MALFORMED`
 */
export function parseStatement(payload: Uint8Array): Statement {
  const members = readMap(decode(payload), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const patient = readMap(members.get(7), [1, 2, 3]);
  return {
    made: readTime(members.get(1)),
    hospitalId: readText(members.get(2)),
    hospitalName: readText(members.get(3)),
    hospitalKeys: readArray(members.get(4)).map(readHash),
    message: readHash(members.get(5)),
    receipt: readHash(members.get(6)),
    patient: {
      mrn: readText(patient.get(1)),
      name: readText(patient.get(2)),
      birthDate: readText(patient.get(3)),
    },
    binding: readBinding(readMap(members.get(8), [1, 2, 3, 4, 5, 6])),
    decisions: readArray(members.get(9)).map(readDecision),
  };
}

function readBinding(members: CborMap): Statement["binding"] {
  const at = members.get(4);
  const by = members.get(5);
  const ended = members.get(6);
  if ((at === undefined) !== (by === undefined)) throw malformed();
  return {
    state: readText(members.get(1)),
    enrolled: readTime(members.get(2)),
    deviceName: readText(members.get(3)),
    ...(at === undefined ? {} : { confirmed: { at: readTime(at), by: readText(by) } }),
    ...(ended === undefined ? {} : { ended: readTime(ended) }),
  };
}

function readDecision(value: CborValue): StatedDecision {
  const members = readMap(value, [1, 2, 3, 4, 5]);
  const kind = members.get(2);
  if (kind !== 0 && kind !== 1) throw malformed();
  return {
    reason: readText(members.get(1)),
    kind: kind === 1 ? "released" : "rejected",
    at: readTime(members.get(3)),
    by: readText(members.get(4)),
    why: readText(members.get(5)),
  };
}

function decode(payload: Uint8Array): CborValue {
  try {
    return decodeCbor(asBytes(payload));
  } catch (cause) {
    if (cause instanceof CoseError) throw new EvidenceError("statement", { cause });
    throw cause;
  }
}

function map(...entries: readonly (readonly [number, CborValue | undefined])[]): CborMap {
  const made = new Map<CborKey, CborValue>();
  for (const [key, value] of entries) if (value !== undefined) made.set(key, value);
  return made;
}

function readMap(value: CborValue | undefined, known: readonly number[]): CborMap {
  if (!isCborMap(value)) throw malformed();
  for (const key of value.keys()) {
    if (typeof key !== "number" || !known.includes(key)) throw malformed();
  }
  return value;
}

function readArray(value: CborValue | undefined): readonly CborValue[] {
  if (isCborArray(value)) return value;
  throw malformed();
}

function readTime(value: CborValue | undefined): number {
  if (typeof value === "number" && value >= 0 && value <= MAX_TIME_MS) return value;
  throw malformed();
}

function readText(value: CborValue | undefined): string {
  if (typeof value === "string") return value;
  throw malformed();
}

function readHash(value: CborValue | undefined): Bytes {
  if (value instanceof Uint8Array && value.length === HASH_BYTES) return value;
  throw malformed();
}

function malformed(): EvidenceError {
  return new EvidenceError("statement");
}
