import type { BenchValue } from "../harness/bench-result.ts";
import { median, rounded } from "../harness/statistics.ts";
import type { FloodReport, NewcomerReport } from "./flood-calls.ts";

/** One attack in one round. */
export interface AttackRound {
  readonly attack: string;
  /** Honest messages a second: during the attack, beside an attacker that only burns CPU, and without any. */
  readonly attacked: number;
  readonly control: number;
  readonly undisturbed: number;
  /** CPU seconds a second of the attacker itself. */
  readonly attackerCores: number;
  readonly report: FloodReport;
  /** CPU microseconds of each server for each request or connection of the attack. */
  readonly cost: Readonly<Record<string, number>>;
  readonly refusedFor: Readonly<Record<string, number>>;
  readonly newcomers: { readonly during: NewcomerReport; readonly control: NewcomerReport };
  /** MiB */
  readonly memory: { readonly gateway: number; readonly hospital: number };
}

/** The figures of each attack over all rounds, and the least share that honest devices kept. */
export function describeFloods(rounds: readonly AttackRound[]): {
  readonly value: Record<string, BenchValue>;
  readonly leastRatio: number;
} {
  const names = [...new Set(rounds.map(({ attack }) => attack))];
  const described = names.map((name) => describeOne(rounds.filter((one) => one.attack === name)));
  return {
    value: Object.fromEntries(names.map((name, index) => [name, described[index]?.value ?? null])),
    leastRatio: Math.min(...described.map(({ ratio }) => ratio)),
  };
}

function describeOne(rounds: readonly AttackRound[]): { value: BenchValue; ratio: number } {
  const middle = (of: (round: AttackRound) => number): number => rounded(median(rounds.map(of)), 3);
  const each = (of: (round: AttackRound) => Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set(rounds.flatMap((round) => Object.keys(of(round))))].map((name) => [
        name,
        middle((round) => of(round)[name] ?? 0),
      ]),
    );
  const ratio = middle(({ attacked, control }) => attacked / control);
  const value = {
    honestRatio: ratio,
    honestRatioToUndisturbed: middle(({ attacked, undisturbed }) => attacked / undisturbed),
    honestPerSecond: middle(({ attacked }) => attacked),
    attackPerSecond: middle(({ report }) => report.refused / report.seconds),
    attackerCores: middle(({ attackerCores }) => attackerCores),
    held: middle(({ report }) => report.held),
    cpuMicrosecondsEach: each(({ cost }) => cost),
    answered: each(({ report }) => report.statuses),
    refusedFor: each(({ refusedFor }) => refusedFor),
    newcomers: {
      sessions: middle(({ newcomers }) => newcomers.during.sessions),
      sessionsWithoutAttack: middle(({ newcomers }) => newcomers.control.sessions),
      toldToWait: middle(({ newcomers }) => newcomers.during.toldToWait),
      longestMs: middle(({ newcomers }) => newcomers.during.longestMs ?? 0),
    },
    memoryMebibytes: each(({ memory }) => ({ ...memory })),
  };
  return { value, ratio };
}
