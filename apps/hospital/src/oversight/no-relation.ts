import { REFUSED, type Refusal } from "../access/index.ts";
import { isBy, isWithin, type Condition } from "./conditions.ts";
import type { FigurePorts, FigureSource } from "./figure-source.ts";
import { countEntries } from "./find-entries.ts";
import { openOldest } from "./opened-details.ts";
import type { Week } from "./weeks.ts";

/** Refusals that say that somebody reached for a record, or for a part of one, which was not theirs to open. */
const REACHED: readonly Refusal["why"][] = ["not-of-patient", "patient-unknown", "relation"];

const REFUSALS: Condition = { text: `e.event = '${REFUSED}'`, values: [] };

/**
 * Tries to open something without a care relation. Why each was refused stands sealed. A refusal is a try unless its details
 * say otherwise: nobody gets rid of their tries by taking the details away, or by making more than are opened.
 */
export const noRelation: FigureSource = {
  async count(week, ports) {
    const tries = new Map<string, number>();
    const refused = await countEntries(ports.database, "e.actor", refusalsOf(week));
    for (const [actor, count] of refused) {
      const others = await listOthers({ week, actor, most: count }, ports);
      if (count > others.length) tries.set(actor, count - others.length);
    }
    return tries;
  },
  async behind(week, actor, ports) {
    const others = await listOthers({ week, actor, most: Infinity }, ports);
    return [REFUSALS, isBy(actor), { text: "e.id <> ALL(?::bigint[])", values: [others] }];
  },
};

function refusalsOf({ from, to }: Week): readonly Condition[] {
  return [isWithin(from, to), REFUSALS];
}

/** Refusals that were no try, for want of a role or of a newer proof for instance. */
async function listOthers(
  { week, actor, most }: { readonly week: Week; readonly actor: string; readonly most: number },
  ports: FigurePorts,
): Promise<readonly number[]> {
  const opened = await openOldest([...refusalsOf(week), isBy(actor)], most, ports);
  return opened.filter(({ details }) => isOther(details["why"])).map(({ id }) => id);
}

function isOther(why: unknown): boolean {
  return why !== undefined && !REACHED.some((one) => one === why);
}
