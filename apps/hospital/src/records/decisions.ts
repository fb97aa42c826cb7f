import type { Decision } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readStaffNames } from "../staff/index.ts";
import {
  keyOfHeld,
  openWhy,
  readDecisions,
  type DecisionRow,
  type HeldName,
} from "./decision-rows.ts";

/** What was decided about one patient's quarantine, as it was when it was read. */
export interface Decisions {
  /** Every one of them. */
  readonly all: readonly DecisionRow[];
  /** What was decided about the samples of one message, by the reason for which they stand in quarantine. */
  of(message: { readonly deviceId: number; readonly messageId: Bytes }): DecisionsOfMessage;
  /** As interfaces show it. @throws {KeyError} `CELL_UNAUTHENTIC` */
  describe(decision: DecisionRow): Promise<Decision>;
}

/** `undefined` for a message about which nothing was decided. */
export type DecisionsOfMessage = ((reason: string) => DecisionRow | undefined) | undefined;

/** Reads what was decided about a patient's quarantine. */
export async function loadDecisions(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string,
): Promise<Decisions> {
  const all = await readDecisions(queryable, keyring, patientId);
  const byName = new Map(all.map((decision) => [keyOfHeld(decision), decision]));
  const find = (name: HeldName): DecisionRow | undefined => byName.get(keyOfHeld(name));
  let names: Promise<ReadonlyMap<string, string>> | undefined;
  return {
    all,
    // Nearly no patient has any: then no message costs anything.
    of: (message) => (all.length === 0 ? undefined : (reason) => find({ ...message, reason })),
    async describe(decision) {
      names ??= readStaffNames(queryable, keyring);
      const { kind, decidedAt, decidedBy } = decision;
      const by = (await names).get(decidedBy) ?? decidedBy;
      const cipher = await keyring.patientCipher(queryable, patientId);
      return { kind, at: decidedAt, by, why: openWhy(decision, cipher) };
    },
  };
}
