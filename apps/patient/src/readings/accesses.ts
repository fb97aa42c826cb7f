import type { Disclosure, DisclosuresParameters, DisclosuresResult } from "@siphms/messages";

/** Looks at the own record by one person on one day in one role and for one reason, however many they were. */
export interface Access {
  readonly who: string;
  /** Codes of the hospital's; a code that this app does not know is shown as it is. */
  readonly role: string;
  readonly purpose: string;
  /** What was shown, each once, in the order in which it was first. */
  readonly what: readonly string[];
  /** ms. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** The accesses of one day, the latest first. */
export interface AccessDay {
  /** Of the first of them, ms. */
  readonly at: number;
  readonly accesses: readonly Access[];
}

/** Who has seen the own record, the latest day first. */
export interface Accesses {
  readonly days: readonly AccessDay[];
  /** There are more than were asked for: those before this are all that is shown, ms. */
  readonly cutAfter?: number;
}

/** So many questions at most, each for some hundred looks. */
const MAX_PAGES = 40;

/**
 * Asks for all looks of a span, and puts together what one person did on one day.
 *
 * @param dayOf - A name for the day of a time where the person is.
 */
export async function readAccesses(
  ask: (parameters: DisclosuresParameters) => Promise<DisclosuresResult>,
  { from, to }: DisclosuresParameters,
  dayOf: (at: number) => string,
): Promise<Accesses> {
  const found: Disclosure[] = [];
  let next: number | undefined = from;
  for (let pages = 0; next !== undefined && pages < MAX_PAGES; pages++) {
    const page: DisclosuresResult = await ask({ from: next, to });
    found.push(...page.disclosures);
    next = page.nextFrom;
  }
  const days = daysOf(found, dayOf);
  return next === undefined ? { days } : { days, cutAfter: next };
}

function daysOf(found: readonly Disclosure[], dayOf: (at: number) => string): readonly AccessDay[] {
  const days = new Map<string, Disclosure[]>();
  for (const one of found) {
    const day = dayOf(one.at);
    const known = days.get(day);
    if (known === undefined) days.set(day, [one]);
    else known.push(one);
  }
  return [...days.values()]
    .map((looks) => ({ at: looks[0]?.at ?? 0, accesses: accessesOf(looks) }))
    .sort((a, b) => b.at - a.at);
}

function accessesOf(looks: readonly Disclosure[]): readonly Access[] {
  const accesses = new Map<string, Access>();
  for (const { at, who, role, purpose, what } of looks) {
    const key = JSON.stringify([who, role, purpose]);
    const known = accesses.get(key) ?? {
      who,
      role,
      purpose,
      what: [],
      first: at,
      last: at,
      count: 0,
    };
    accesses.set(key, {
      ...known,
      what: known.what.includes(what) ? known.what : [...known.what, what],
      first: Math.min(known.first, at),
      last: Math.max(known.last, at),
      count: known.count + 1,
    });
  }
  return [...accesses.values()].sort((a, b) => b.last - a.last);
}
