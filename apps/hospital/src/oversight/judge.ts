import { ACTIVITY_FIGURES, type ActivityFigure, type Role } from "@siphms/api";

/** What one person did, as numbers. */
export type Counts = Readonly<Record<ActivityFigure, number>>;

/** One person with what they did. */
export interface Counted {
  readonly actor: string;
  readonly name: string | undefined;
  readonly role: Role | undefined;
  readonly counts: Counts;
}

/** The same with the most of each figure that is nothing out of the ordinary. */
export interface Judged extends Counted {
  readonly limits: Counts;
}

/** So many records a person opens in a week without standing out, whatever the others in the role open. */
const FEW_RECORDS = 30;
/** Beyond that: so many times what half of the others in the role open. */
const TIMES_OTHERS = 2;
/** A machine reads at every hour. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const LIMITS: Omit<Counts, "records"> = {
  night: 10,
  emergencies: 0,
  "no-relation": 4,
  "same-name": 0,
  exports: 2,
  "log-ins": 4,
};

/** Nothing done. */
export const NO_COUNTS: Counts = {
  records: 0,
  night: 0,
  emergencies: 0,
  "no-relation": 0,
  "same-name": 0,
  exports: 0,
  "log-ins": 0,
};

/** Sets each figure against its limit; whoever stands out in most figures comes first, then in order of names. */
export function judge(people: readonly Counted[]): readonly Judged[] {
  const judged = people.map((person) => ({ ...person, limits: limitsOf(person, people) }));
  return judged.sort(
    (one, two) =>
      standingOut(two).length - standingOut(one).length ||
      (one.name ?? one.actor).localeCompare(two.name ?? two.actor),
  );
}

/** The figures in which a person stands out. */
export function standingOut({
  counts,
  limits,
}: Pick<Judged, "counts" | "limits">): readonly ActivityFigure[] {
  return ACTIVITY_FIGURES.filter((figure) => counts[figure] > limits[figure]);
}

function limitsOf(person: Counted, people: readonly Counted[]): Counts {
  const others = people.filter(
    ({ actor, role, counts }) =>
      actor !== person.actor && role === person.role && counts.records > 0,
  );
  const usual = median(others.map(({ counts }) => counts.records));
  return {
    ...LIMITS,
    records: Math.max(FEW_RECORDS, TIMES_OTHERS * usual),
    ...(person.role === "integration" ? { night: NO_LIMIT } : {}),
  };
}

/** Of the middle two the smaller; 0 of nothing. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
