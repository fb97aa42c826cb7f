import type { Block } from "./block.ts";
import type { Violation, ViolationKind } from "./check-history.ts";
import { BEGINNING, VICTIMS, type Round } from "./rounds.ts";

const MOST_VIOLATIONS = 5;
const MOST_OPERATIONS = 12;

/** One line of the table: what came of all rounds with one victim. */
export interface VictimSummary {
  readonly victim: Round["victim"];
  readonly rounds: number;
  /** Kills that came while at least one envelope was posted and not answered. */
  readonly underWay: number;
  readonly medianRecoveryMs: number;
  readonly longestRecoveryMs: number;
}

/** What a whole run says, as JSON for the nightly's table. */
export interface RunSummary {
  readonly seed: number;
  readonly victims: readonly VictimSummary[];
  readonly readings: number;
  readonly samples: number;
  readonly receipts: number;
  readonly violations: Readonly<Partial<Record<ViolationKind, number>>>;
}

/** Adds up blocks. */
export function summarise(seed: number, blocks: readonly Block[]): RunSummary {
  const sum = (of: (block: Block) => number): number =>
    blocks.reduce((total, block) => total + of(block), 0);
  const violations: Partial<Record<ViolationKind, number>> = {};
  for (const { kind } of blocks.flatMap((block) => block.violations)) {
    violations[kind] = (violations[kind] ?? 0) + 1;
  }
  return {
    seed,
    victims: ([...VICTIMS, BEGINNING] as const)
      .map((victim) => summariseVictim(victim, blocks))
      .filter(({ rounds }) => rounds > 0),
    readings: sum(({ readings }) => readings),
    samples: sum(({ samples }) => samples),
    receipts: sum(({ receipts }) => receipts),
    violations,
  };
}

function summariseVictim(victim: Round["victim"], blocks: readonly Block[]): VictimSummary {
  const rounds = blocks.flatMap((block) => block.rounds).filter((round) => round.victim === victim);
  const times = rounds.map(({ recoveryMs }) => Math.round(recoveryMs)).sort((a, b) => a - b);
  return {
    victim,
    rounds: rounds.length,
    underWay: rounds.filter(({ underWay }) => underWay > 0).length,
    medianRecoveryMs: times[Math.floor(times.length / 2)] ?? 0,
    longestRecoveryMs: times.at(-1) ?? 0,
  };
}

/** Some violations, of each kind one, with what the histories tell of them; an empty text where there are none. */
export function describeViolations(violations: readonly Violation[]): string {
  const kinds = new Set(violations.map(({ kind }) => kind));
  const firsts = [...kinds].flatMap((kind) => violations.find((one) => one.kind === kind) ?? []);
  const rest = violations.filter((one) => !firsts.includes(one));
  const shown = [...firsts, ...rest]
    .slice(0, Math.max(kinds.size, MOST_VIOLATIONS))
    .map(({ kind, device, what, operations }) => {
      const lines = operations.slice(0, MOST_OPERATIONS).map((one) => `    ${JSON.stringify(one)}`);
      return [`${kind}: ${device}: ${what}`, ...lines].join("\n");
    });
  const more = violations.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
