import { toBase64 } from "./base64.ts";
import {
  NO_QUORUM,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
} from "./policy.ts";
import { fromUtf8, parseDecimal } from "./text.ts";
import { TlogError } from "./tlog-error.ts";
import {
  keyHandle,
  parseVerifierKey,
  type VerifierKey,
  type VerifierKeyKind,
} from "./verifier-key.ts";

/** The longest policy file that is read. */
export const MAX_POLICY_BYTES = 262_144;

/** What has been read of a policy so far. */
interface Draft {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  quorum: string | undefined;
  /** Witnesses and groups share their names. */
  readonly names: Set<string>;
  /** Names that are some group's members. */
  readonly members: Set<string>;
  /** Name and key id of every key. */
  readonly handles: Set<string>;
}

/**
 * Reads a policy file.
 *
 * Keys of logs are of type 0x01, those of witnesses of type 0x04; a policy with others is refused whole, since
 * leaving them out would change what it says.
 *
 * @throws {TlogError} `POLICY_MALFORMED`; a refused key's own error is its cause.
 * @see tlog-policy
 */
export function parsePolicy(bytes: Uint8Array): Policy {
  if (bytes.length > MAX_POLICY_BYTES) throw malformed("too long");
  const text = fromOctets(bytes);
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw malformed("control characters");
  if (!text.endsWith("\n")) throw malformed("no newline at the end");
  const draft: Draft = {
    logs: [],
    witnesses: [],
    groups: [],
    quorum: undefined,
    names: new Set(),
    members: new Set(),
    handles: new Set(),
  };
  for (const line of text.slice(0, -1).split("\n")) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    const [first = "#", ...rest] = words;
    if (!first.startsWith("#")) readLine(first, rest, draft);
  }
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined) throw malformed("no quorum");
  return { logs, witnesses, groups, quorum };
}

function readLine(keyword: string, words: readonly string[], draft: Draft): void {
  switch (keyword) {
    case "log":
      readLog(words, draft);
      break;
    case "witness":
      readWitness(words, draft);
      break;
    case "group":
      readGroup(words, draft);
      break;
    case "quorum":
      readQuorum(words, draft);
      break;
    default:
      throw malformed("a line of another kind");
  }
}

function readLog(words: readonly string[], draft: Draft): void {
  const [keyText = "", url] = words;
  if (words.length < 1 || words.length > 2) throw malformed("a log line");
  const key = readKey(keyText, "ed25519", draft);
  checkNewKey(key, draft.logs);
  draft.logs.push({ key, url });
}

function readWitness(words: readonly string[], draft: Draft): void {
  const [name = "", keyText = "", url] = words;
  if (words.length < 2 || words.length > 3) throw malformed("a witness line");
  const key = readKey(keyText, "cosignature", draft);
  checkNewKey(key, draft.witnesses);
  define(name, draft);
  draft.witnesses.push({ name, key, url });
}

function readGroup(words: readonly string[], draft: Draft): void {
  const [name = "", thresholdText = "", ...members] = words;
  if (members.length === 0) throw malformed("a group line");
  for (const member of members) {
    if (!draft.names.has(member)) throw malformed("a member that no earlier line defines");
    if (draft.members.has(member)) throw malformed("a member of two groups, or twice of one");
    draft.members.add(member);
  }
  const threshold = parseThreshold(thresholdText, members.length);
  define(name, draft);
  draft.groups.push({ name, threshold, members });
}

function readQuorum(words: readonly string[], draft: Draft): void {
  const [name = ""] = words;
  if (words.length !== 1) throw malformed("a quorum line");
  if (draft.quorum !== undefined) throw malformed("two quorums");
  if (name !== NO_QUORUM && !draft.names.has(name)) {
    throw malformed("a quorum that no earlier line defines");
  }
  draft.quorum = name;
}

function parseThreshold(text: string, memberCount: number): number {
  if (text === "any") return 1;
  if (text === "all") return memberCount;
  const threshold = parseDecimal(text) ?? 0;
  if (threshold < 1 || threshold > memberCount) throw malformed("a group's threshold");
  return threshold;
}

function define(name: string, { names }: Draft): void {
  if (name === NO_QUORUM || names.has(name)) throw malformed("a name that is taken");
  names.add(name);
}

function readKey(octets: string, kind: VerifierKeyKind, { handles }: Draft): VerifierKey {
  const text = fromUtf8(Uint8Array.from(octets, (octet) => octet.charCodeAt(0)));
  if (text === undefined) throw malformed("a key that is no UTF-8");
  const key = parseKey(text);
  if (key.kind !== kind) throw malformed("a key of the other kind");
  const handle = keyHandle(key);
  if (handles.has(handle)) throw malformed("two keys of one name and key id");
  handles.add(handle);
  return key;
}

function parseKey(text: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch (cause) {
    throw malformed("a verifier key", cause);
  }
}

/** Two lines with one public key would count one party twice, by whatever names. */
function checkNewKey(key: VerifierKey, others: readonly { readonly key: VerifierKey }[]): void {
  const encoded = toBase64(key.publicKey);
  if (others.some((other) => toBase64(other.key.publicKey) === encoded)) {
    throw malformed("a public key twice");
  }
}

/** Each octet as one character, as the format handles them: without regard to what they spell. */
function fromOctets(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

function malformed(what: string, cause?: unknown): TlogError {
  return new TlogError("POLICY_MALFORMED", `A policy is refused: ${what}.`, { cause });
}
