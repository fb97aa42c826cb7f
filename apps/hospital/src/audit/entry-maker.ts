import {
  AUDIT_BYTES,
  encodeRecord,
  LOG_EVENTS,
  NO_ENTRY,
  parseSequences,
  sequencesTexts,
} from "@siphms/audit";
import { concatBytes, encodeCbor, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { AuditEntry } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { currentContext, type RequestContext } from "./context.ts";
import { createPseudonyms, type Pseudonyms } from "./pseudonyms.ts";

/** Which edition of the rules says what is logged; docs/audit.md lists them. */
export const AUDIT_POLICY = 1;

/** An entry as it goes into the log, with what the row beside it holds. */
export interface MadeEntry {
  /** What was noted, with the role that the actor had. */
  readonly entry: AuditEntry;
  readonly id: Bytes;
  readonly instance: Bytes;
  readonly sequence: number;
  /** The bytes of the leaf. */
  readonly leaf: Bytes;
  /** `hashRecord` of them, which the next entry names. */
  readonly hash: Bytes;
  /** Salt and details, of which the leaf has the hash; absent where there is nothing more to say. */
  readonly details?: Bytes;
}

/** Makes the entries of one running program, chained to each other. */
export interface EntryMaker {
  readonly instance: Bytes;
  /** Entries in their order, each with the hash of the one before. What was abandoned is named first. */
  make(entries: readonly AuditEntry[]): readonly MadeEntry[];
  /** To be told of made entries that nobody will find: their numbers are missing, and the next entry says so. */
  abandon(made: readonly MadeEntry[]): void;
}

interface Ports {
  readonly keyring: Pick<Keyring, "blindIndex">;
  readonly crypto: NodeCrypto;
}

/** Begins a chain: no other program has its instance, and its entries are numbered from 0. */
export function createEntryMaker({ keyring, crypto }: Ports): EntryMaker {
  const instance = crypto.randomBytes(AUDIT_BYTES.instance);
  const pseudonyms = createPseudonyms(keyring);
  const abandoned = new Set<number>();
  let next = 0;
  let before = NO_ENTRY;

  const makeOne = (entry: AuditEntry, context: RequestContext | undefined): MadeEntry => {
    const sequence = next++;
    const id = crypto.randomBytes(AUDIT_BYTES.id);
    const details = encodeDetails(entry.detail, crypto);
    const caller = context?.caller?.actor === entry.actor ? context.caller : undefined;
    // Written out: an object put together of parts costs three times as much as everything else here.
    const leaf = encodeRecord({
      id,
      at: entry.at,
      event: entry.event,
      actor: entry.actor,
      role: entry.role,
      session: caller?.session,
      subject: subjectOf(entry, pseudonyms),
      object: objectOf(entry, pseudonyms),
      version: entry.version,
      action: entry.action,
      isDone: entry.outcome === "done",
      purpose: entry.purpose,
      instance,
      sequence,
      before,
      correlation: context?.correlation,
      policy: AUDIT_POLICY,
      // What commitDetails gives: the salt stands in front.
      details: details && crypto.sha256Sync(details),
    });
    const hash = crypto.sha256Sync(leaf);
    before = hash;
    const made = { entry, id, instance, sequence, leaf, hash };
    return details === undefined ? made : { ...made, details };
  };

  return {
    instance,
    make(entries) {
      const context = currentContext();
      const [nextBefore, entryBefore] = [next, before];
      try {
        const naming = nameMissing(abandoned, entries[0]?.at ?? 0);
        const made = naming.map((entry) => makeOne(entry, undefined));
        for (const entry of entries) made.push(makeOne(withRole(entry, context), context));
        abandoned.clear();
        return made;
      } catch (error) {
        // What nobody gets has no numbers: else they would be missing for ever.
        [next, before] = [nextBefore, entryBefore];
        throw error;
      }
    },
    abandon(made) {
      for (const { sequence, entry } of made) {
        for (const one of [sequence, ...namedBy(entry)]) abandoned.add(one);
      }
    },
  };
}

function withRole(entry: AuditEntry, context: RequestContext | undefined): AuditEntry {
  const caller = context?.caller;
  if (caller === undefined || caller.actor !== entry.actor || entry.role !== undefined)
    return entry;
  return { ...entry, role: caller.role };
}

/** Entries that say which sequences are missing: as many as it takes. */
function nameMissing(missing: ReadonlySet<number>, at: number): readonly AuditEntry[] {
  if (missing.size === 0) return [];
  const what = { event: LOG_EVENTS.abandoned, actor: "hospital" };
  return sequencesTexts([...missing]).map((object) => ({
    ...{ at, ...what, object, action: "create", outcome: "done" },
  }));
}

/** The sequences that an entry says are missing. */
function namedBy({ event, object = "" }: AuditEntry): readonly number[] {
  const ranges = event === LOG_EVENTS.abandoned ? parseSequences(object) : undefined;
  return (ranges ?? []).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
}

/** How a leaf names the patient whom an entry is about. */
export function subjectOf({ subject }: AuditEntry, pseudonyms: Pseudonyms): Bytes | undefined {
  return subject === undefined ? undefined : pseudonyms.of(subject);
}

/** How a leaf names what was acted on: without a patient's id. */
export function objectOf(
  { subject, object }: AuditEntry,
  pseudonyms: Pseudonyms,
): string | undefined {
  return object === undefined || subject === undefined ? object : pseudonyms.within(object);
}

/** A salt, so that nobody finds out by trying what a hash stands for once the details are erased; then the details. */
function encodeDetails(detail: AuditEntry["detail"], crypto: NodeCrypto): Bytes | undefined {
  const members = Object.entries(detail ?? {});
  if (members.length === 0) return undefined;
  return concatBytes(crypto.randomBytes(AUDIT_BYTES.salt), encodeCbor(new Map(members)));
}
