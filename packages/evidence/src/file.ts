import { CoseError, fromBase64Url, toBase64Url, type Bytes } from "@siphms/cose";
import { EvidenceError } from "./error.ts";

/** The form of the file, with its version. */
export const EVIDENCE_FORMAT = "siphms-evidence-1" as const;

/** Longest file that is looked at, in characters: a message has at most 64 KiB. */
export const MAX_EVIDENCE_CHARACTERS = 400_000;

/** Most of the hospital's keys in one file: the message's, the receipt's and the statement's. */
const MAX_KEYS = 3;

/** What a file holds: signed bytes and the credentials that they are verified with, nothing beside. */
export interface EvidenceParts {
  /** The device's credential. */
  readonly device: Bytes;
  /** The hospital's credentials. */
  readonly hospital: readonly Bytes[];
  /** COSE_Sign1 by the device. */
  readonly message: Bytes;
  /** COSE_Sign1 by the hospital. */
  readonly receipt: Bytes;
  /** COSE_Sign1 by the hospital. */
  readonly statement: Bytes;
}

/** A file as JSON has it: bytes in base64url. */
export interface EvidenceFile {
  readonly format: typeof EVIDENCE_FORMAT;
  readonly device: string;
  readonly hospital: string[];
  readonly message: string;
  readonly receipt: string;
  readonly statement: string;
}

const MEMBERS = ["device", "format", "hospital", "message", "receipt", "statement"];

/** Puts the parts into the file's form. */
export function encodeEvidence(parts: EvidenceParts): EvidenceFile {
  return {
    format: EVIDENCE_FORMAT,
    device: toBase64Url(parts.device),
    hospital: parts.hospital.map((credential) => toBase64Url(credential)),
    message: toBase64Url(parts.message),
    receipt: toBase64Url(parts.receipt),
    statement: toBase64Url(parts.statement),
  };
}

/**
 * Takes a decoded JSON value as a file: exactly its members, each in its form.
 *
 * @throws {EvidenceError} `EVIDENCE_MALFORMED`
 */
export function parseEvidence(value: unknown): EvidenceParts {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new EvidenceError("no object");
  }
  const members = new Map<string, unknown>(Object.entries(value));
  if (members.get("format") !== EVIDENCE_FORMAT) throw new EvidenceError("format");
  const unknown = [...members.keys()].find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new EvidenceError("a member that there is not");
  return {
    device: readBytes(members, "device"),
    hospital: readKeys(members.get("hospital")),
    message: readBytes(members, "message"),
    receipt: readBytes(members, "receipt"),
    statement: readBytes(members, "statement"),
  };
}

/**
 * Takes the text of a file.
 *
 * @throws {EvidenceError} `EVIDENCE_MALFORMED`
 */
export function parseEvidenceText(text: string): EvidenceParts {
  if (text.length > MAX_EVIDENCE_CHARACTERS) throw new EvidenceError("too long");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EvidenceError("no JSON", { cause });
  }
  return parseEvidence(value);
}

function readKeys(value: unknown): readonly Bytes[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_KEYS) {
    throw new EvidenceError("hospital");
  }
  const items: readonly unknown[] = value;
  return items.map((item) => decode(item, "hospital"));
}

function readBytes(members: ReadonlyMap<string, unknown>, name: string): Bytes {
  return decode(members.get(name), name);
}

function decode(value: unknown, member: string): Bytes {
  if (typeof value !== "string" || value === "") throw new EvidenceError(member);
  try {
    return fromBase64Url(value);
  } catch (cause) {
    if (cause instanceof CoseError) throw new EvidenceError(member, { cause });
    throw cause;
  }
}
