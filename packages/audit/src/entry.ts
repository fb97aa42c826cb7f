import {
  CoseError,
  decodeCbor,
  encodeCbor,
  isCborArray,
  isCborMap,
  type Bytes,
  type CborMap,
  type CborValue,
} from "@siphms/cose";
import { sha256 } from "@noble/hashes/sha2.js";
import { AuditError } from "./audit-error.ts";
import { MAX_TEXT } from "./limits.ts";

/** What was done to the object. */
export type AuditAction = "create" | "delete" | "execute" | "read" | "update";

const ACTIONS: readonly AuditAction[] = ["create", "delete", "execute", "read", "update"];

/**
 * One entry of the audit log: who did what to what, and how it ended. Holds codes, ids and pseudonyms alone: what else
 * there is to say is bound by {@link AuditRecord.details} and can be erased.
 */
export interface AuditRecord {
  /** 16 random bytes. */
  readonly id: Bytes;
  /** ms, the hospital's clock. */
  readonly at: number;
  /** A code: `device.confirmed`. */
  readonly event: string;
  /** Who: `operator`, `hospital`, `staff:12`, `device:<kid>`. */
  readonly actor: string;
  /** The role that the actor had. */
  readonly role?: string;
  /** The first 16 bytes of the stored hash of the actor's session. */
  readonly session?: Bytes;
  /** The patient, as a pseudonym of 16 bytes that nobody makes without the installation's key. */
  readonly subject?: Bytes;
  /** What was acted on, by its id; without the patient's id in it. */
  readonly object?: string;
  /** The object's version after the act. */
  readonly version?: number;
  readonly action: AuditAction;
  readonly isDone: boolean;
  /** Why the record was used: `treatment`, `operations`, `break-glass` … */
  readonly purpose?: string;
  /** The running program that wrote the entry: 8 random bytes at each start. */
  readonly instance: Bytes;
  /** Its entries are numbered from 0. */
  readonly sequence: number;
  /** {@link hashRecord} of the instance's entry before; 32 zero bytes for its first. */
  readonly before: Bytes;
  /** What belongs to one request has one, 8 bytes. */
  readonly correlation?: Bytes;
  /** Which edition of the rules says what is logged. */
  readonly policy: number;
  /** {@link commitDetails}; absent where there is nothing more to say. */
  readonly details?: Bytes;
}

/** Byte lengths of an entry's members. */
export const AUDIT_BYTES = {
  id: 16,
  session: 16,
  subject: 16,
  instance: 8,
  correlation: 8,
  hash: 32,
  salt: 16,
} as const;

/** What an instance's first entry names as the one before. */
export const NO_ENTRY: Bytes = new Uint8Array(AUDIT_BYTES.hash);

/** The version that the first byte-level form of entries has. */
const FORM = 1;

type Optional =
  "correlation" | "details" | "object" | "purpose" | "role" | "session" | "subject" | "version";

/** An entry as it is written: a member that is left out may be there as `undefined`. */
export type AuditMembers = Omit<AuditRecord, Optional> & {
  readonly [Member in Optional]?: AuditRecord[Member] | undefined;
};

/**
 * Writes an entry: deterministic CBOR, a map with integer keys; {@link parseRecord} reads nothing else.
 *
 * @throws {AuditError} `AUDIT_ENTRY_MALFORMED` for what nobody could read: a leaf is there for ever.
 */
export function encodeRecord(record: AuditMembers): Bytes {
  checkTexts(record);
  checkNumbers(record);
  // Made for each act of a hospital: set one by one, in the order in which they are written.
  const members = new Map<number, CborValue>();
  const set = (key: number, value: CborValue | undefined): void => {
    if (value !== undefined) members.set(key, value);
  };
  set(0, FORM);
  set(1, record.id);
  set(2, record.at);
  set(3, record.event);
  set(4, record.actor);
  set(5, record.role);
  set(6, record.session);
  set(7, record.subject);
  set(8, record.object);
  set(9, record.version);
  set(10, ACTIONS.indexOf(record.action));
  set(11, record.isDone);
  set(12, record.purpose);
  set(13, [record.instance, record.sequence, record.before]);
  set(14, record.correlation);
  set(15, record.policy);
  set(16, record.details);
  return encodeCbor(members);
}

/** What an instance's next entry names as the one before it. */
export function hashRecord(encoded: Uint8Array): Bytes {
  return sha256(encoded);
}

/** Binds details that are kept elsewhere: `SHA-256(salt | details)`, the details as deterministic CBOR. */
export function commitDetails(salt: Uint8Array, details: Uint8Array): Bytes {
  return sha256.create().update(salt).update(details).digest();
}

/**
 * Reads an entry. Nothing but the one form that {@link encodeRecord} gives is taken, so that an entry has one hash.
 *
 * @throws {AuditError} `AUDIT_ENTRY_MALFORMED`
 */
export function parseRecord(bytes: Uint8Array): AuditRecord {
  const map = readMap(bytes);
  const read = new MemberReader(map);
  if (read.uint(0) !== FORM) throw malformed("form");
  const action = ACTIONS[read.uint(10)];
  if (action === undefined) throw malformed("action");
  const [instance, sequence, before] = read.instance(13);
  const optional = {
    role: read.optional(5, (key) => read.text(key)),
    session: read.optional(6, (key) => read.bytes(key, AUDIT_BYTES.session)),
    subject: read.optional(7, (key) => read.bytes(key, AUDIT_BYTES.subject)),
    object: read.optional(8, (key) => read.text(key)),
    version: read.optional(9, (key) => read.uint(key)),
    purpose: read.optional(12, (key) => read.text(key)),
    correlation: read.optional(14, (key) => read.bytes(key, AUDIT_BYTES.correlation)),
    details: read.optional(16, (key) => read.bytes(key, AUDIT_BYTES.hash)),
  };
  const record: AuditRecord = {
    id: read.bytes(1, AUDIT_BYTES.id),
    at: read.uint(2),
    event: read.text(3),
    actor: read.text(4),
    ...withoutUndefined(optional),
    action,
    isDone: read.boolean(11),
    instance,
    sequence,
    before,
    policy: read.uint(15),
  };
  // Deterministic CBOR has one form of each value, so that no more can differ than that there are other keys.
  if (map.size !== read.count) throw malformed("form");
  return record;
}

function checkTexts({ event, actor, role, object, purpose }: AuditMembers): void {
  for (const text of [event, actor, role, object, purpose]) {
    if (text !== undefined && text.length > MAX_TEXT) throw malformed("a text");
  }
}

function checkNumbers({ at, version = 0, sequence, policy }: AuditMembers): void {
  for (const number of [at, version, sequence, policy]) uintOf(number);
}

class MemberReader {
  readonly #map: CborMap;
  /** How many members were there. */
  count = 0;

  constructor(map: CborMap) {
    this.#map = map;
  }

  optional<T>(key: number, read: (key: number) => T): T | undefined {
    return this.#map.has(key) ? read(key) : undefined;
  }

  uint(key: number): number {
    return uintOf(this.#take(key));
  }

  text(key: number): string {
    const value = this.#take(key);
    if (typeof value !== "string" || value.length > MAX_TEXT) throw malformed("a text");
    return value;
  }

  bytes(key: number, length: number): Bytes {
    return bytesOf(this.#take(key), length);
  }

  boolean(key: number): boolean {
    const value = this.#take(key);
    if (typeof value !== "boolean") throw malformed("a truth value");
    return value;
  }

  instance(key: number): readonly [Bytes, number, Bytes] {
    const value = this.#take(key);
    if (!isCborArray(value) || value.length !== 3) throw malformed("the instance");
    const [id, sequence, before] = value;
    return [bytesOf(id, AUDIT_BYTES.instance), uintOf(sequence), bytesOf(before, AUDIT_BYTES.hash)];
  }

  /** A member, each asked for once. */
  #take(key: number): CborValue | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) this.count++;
    return value;
  }
}

function uintOf(value: CborValue | undefined): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed("a number");
  }
  return value;
}

function bytesOf(value: CborValue | undefined, length: number): Bytes {
  if (!(value instanceof Uint8Array) || value.length !== length) throw malformed("a byte string");
  return value;
}

function readMap(bytes: Uint8Array): CborMap {
  try {
    const value = decodeCbor(bytes);
    if (isCborMap(value)) return value;
  } catch (cause) {
    if (!(cause instanceof CoseError)) throw cause;
  }
  throw malformed("no map");
}

function withoutUndefined<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const found: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const key of Object.keys(members) as (keyof T)[]) {
    const value = members[key];
    if (value !== undefined && value !== null) found[key] = value;
  }
  return found;
}

function malformed(what: string): AuditError {
  return new AuditError("AUDIT_ENTRY_MALFORMED", `An audit entry is refused: ${what}.`);
}
