import { InvalidArgumentError } from "commander";
import type { Command } from "commander";

import { runAlertsBench } from "../bench/alerts/alerts-bench.ts";
import type { AlertsBenchOptions } from "../bench/alerts/alerts-bench.ts";
import { runAuditBench } from "../bench/audit/audit-bench.ts";
import type { AuditBenchOptions } from "../bench/audit/audit-bench.ts";
import { runEndToEndBench } from "../bench/end-to-end.ts";
import type { EndToEndOptions } from "../bench/end-to-end.ts";
import { runCryptoBench } from "../bench/crypto/crypto-bench.ts";
import type { CryptoBenchOptions } from "../bench/crypto/crypto-bench.ts";
import { runFloodsBench } from "../bench/floods/floods-bench.ts";
import type { FloodsOptions } from "../bench/floods/floods-bench.ts";
import { runHandshakeBench } from "../bench/handshake/handshake-bench.ts";
import type { HandshakeBenchOptions } from "../bench/handshake/handshake-bench.ts";
import { runHistoryBench } from "../bench/history/history-bench.ts";
import type { HistoryBenchOptions } from "../bench/history/history-bench.ts";
import { runIngestBench } from "../bench/ingest/ingest-bench.ts";
import type { IngestBenchOptions } from "../bench/ingest/ingest-bench.ts";
import { runScaleBench } from "../bench/scale.ts";
import type { ScaleOptions } from "../bench/scale.ts";
import { printBenchResult } from "../bench/harness/bench-result.ts";
import type { BenchResult } from "../bench/harness/bench-result.ts";
import { withBenchScope } from "../bench/harness/bench-scope.ts";
import type { BenchScope } from "../bench/harness/bench-scope.ts";
import type { CommandContext } from "./context.ts";
import { exampleText } from "./with-operator.ts";

/** A round over an hour is a slip of the finger. */
const MAX_SECONDS = 3_600;

/** Options of every bench. */
export interface BenchOptions {
  readonly json?: boolean;
}

/** Reads a whole number from 1. @throws {InvalidArgumentError} when it is none. */
export function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw new InvalidArgumentError("Write a whole number from 1.");
}

/** Reads a length of time in seconds. @throws {InvalidArgumentError} when it is none, or nothing. */
export function parseDuration(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError("Write a number of seconds above 0, at most an hour.");
}

/** Reads whole numbers from 1, separated by commas. @throws {InvalidArgumentError} when they are none. */
export function parseCounts(text: string): readonly number[] {
  return text.split(",").map(parseCount);
}

/** Adds `siphms bench` with one command for each bench. */
export function addBenchCommands(program: Command, context: CommandContext): void {
  const bench = program
    .command("bench")
    .description(
      "measure on this machine, with real programs in a private folder; nothing is kept",
    );
  addCrypto(bench, context);
  addIngest(bench, context);
  addHandshake(bench, context);
  addEndToEnd(bench, context);
  addHistory(bench, context);
  addScale(bench, context);
  addFloods(bench, context);
  addAlerts(bench, context);
  addAudit(bench, context);
}

function addCrypto(bench: Command, context: CommandContext): void {
  bench
    .command("crypto")
    .description("signatures, sealing and handshakes a second, on one core and on all")
    .option("--seconds <n>", "length of each of 24 measurements", parseDuration, 0.5)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench crypto --seconds 1"))
    .action((options: BenchOptions & CryptoBenchOptions) =>
      runBench(options, context, (scope) => runCryptoBench(scope, options)),
    );
}

function addIngest(bench: Command, context: CommandContext): void {
  bench
    .command("ingest")
    .description("envelopes a second that a running hospital verifies, stores and receipts")
    .option("--seconds <n>", "length of a round, about", parseDuration, 10)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--devices <n>", "devices, each with a session", parseCount, 50)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench ingest --seconds 5 --rounds 3"))
    .action((options: BenchOptions & IngestBenchOptions) => {
      const { seconds, rounds, devices } = options;
      return runBench(options, context, (scope) =>
        runIngestBench(scope, { seconds, rounds, devices }),
      );
    });
}

function addEndToEnd(bench: Command, context: CommandContext): void {
  bench
    .command("end-to-end")
    .description("from devices to verified receipts, beside a plain pipeline without security")
    .option("--seconds <n>", "length of a round at saturation, about", parseDuration, 10)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--devices <n>", "devices, each with a session and a connection", parseCount, 256)
    .option("--latency-seconds <n>", "length of a round at a fixed rate", parseDuration, 10)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench end-to-end --seconds 5 --rounds 3"))
    .action((options: BenchOptions & EndToEndOptions) => {
      const { seconds, rounds, devices, latencySeconds } = options;
      return runBench(options, context, (scope) =>
        runEndToEndBench(scope, { seconds, rounds, devices, latencySeconds }),
      );
    });
}

function addHandshake(bench: Command, context: CommandContext): void {
  bench
    .command("handshake")
    .description("complete handshakes through gateway and hospital, by the hospital's CPU time")
    .option("--seconds <n>", "length of a round", parseDuration, 10)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--devices <n>", "enrolled devices that take turns", parseCount, 50)
    .option("--clients <n>", "processes that play devices", parseCount, 2)
    .option("--at-once <n>", "handshakes under way at once", parseCount, 16)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench handshake --seconds 5 --at-once 32"))
    .action((options: BenchOptions & HandshakeBenchOptions) => {
      const { seconds, rounds, devices, clients, atOnce } = options;
      return runBench(options, context, (scope) =>
        runHandshakeBench(scope, { seconds, rounds, devices, clients, atOnce }),
      );
    });
}

function addHistory(bench: Command, context: CommandContext): void {
  bench
    .command("history")
    .description("a day of readings and a year of summaries, with few and many messages stored")
    .option(
      "--batches <list>",
      "numbers of stored messages, growing",
      parseCounts,
      [10_000, 1_000_000],
    )
    .option("--requests <n>", "requests of each kind in a round", parseCount, 200)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--seconds <n>", "length of each look at ingest, about", parseDuration, 5)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench history --batches 10000,100000"))
    .action((options: BenchOptions & HistoryBenchOptions) => {
      const { batches, requests, rounds, seconds } = options;
      return runBench(options, context, (scope) =>
        runHistoryBench(scope, { batches, requests, rounds, seconds }),
      );
    });
}

function addScale(bench: Command, context: CommandContext): void {
  bench
    .command("scale")
    .description("memory of the servers for many sessions; latency against load and beyond")
    .option("--sessions <list>", "numbers of sessions, growing", parseCounts, [1, 1_000, 10_000])
    .option("--seconds <n>", "length of each step of the load", parseDuration, 4)
    .option("--devices <n>", "devices that open the sessions in turn", parseCount, 100)
    .option("--idle-seconds <n>", "how long idle sessions are watched", parseDuration, 30)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench scale --sessions 1,1000,10000"))
    .action((options: BenchOptions & ScaleOptions) => {
      const { sessions, seconds, devices, idleSeconds } = options;
      return runBench(options, context, (scope) =>
        runScaleBench(scope, { sessions, seconds, devices, idleSeconds }),
      );
    });
}

function addFloods(bench: Command, context: CommandContext): void {
  bench
    .command("floods")
    .description("what floods take from honest devices, and what each refusal costs the servers")
    .option("--seconds <n>", "length of each stretch with load, about", parseDuration, 4)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 3)
    .option("--devices <n>", "honest devices, each with a session and a connection", parseCount, 64)
    .option("--rate <n>", "requests a second of an attacker", parseCount, 5_000)
    .option("--waits <n>", "idle mailbox waits at once", parseCount, 10_000)
    .option("--only <name>", "only attacks whose name begins so", "")
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench floods --rounds 1 --only message-1"))
    .action((options: BenchOptions & FloodsOptions) => {
      const { seconds, rounds, devices, rate, waits, only } = options;
      return runBench(options, context, (scope) =>
        runFloodsBench(scope, { seconds, rounds, devices, rate, waits, only }),
      );
    });
}

function addAlerts(bench: Command, context: CommandContext): void {
  bench
    .command("alerts")
    .description("from a stored value to its alert, at a fixed rate; rules a second on one core")
    .option("--seconds <n>", "how long envelopes are sent, about", parseDuration, 20)
    .option("--rate <n>", "envelopes a second", parseCount, 200)
    .option("--rounds <n>", "messages of each patient", parseCount, 5)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench alerts --seconds 10"))
    .action((options: BenchOptions & AlertsBenchOptions) => {
      const { seconds, rate, rounds } = options;
      return runBench(options, context, (scope) =>
        runAlertsBench(scope, { seconds, rate, rounds }),
      );
    });
}

function addAudit(bench: Command, context: CommandContext): void {
  bench
    .command("audit")
    .description("ingest with the audit log beside ingest without; verifying a whole log")
    .option("--seconds <n>", "length of a round, about", parseDuration, 10)
    .option("--rounds <n>", "rounds; medians are reported", parseCount, 5)
    .option("--devices <n>", "devices, each with a session", parseCount, 50)
    .option("--entries <n>", "entries of the log that is verified", parseCount, 1_000_000)
    .option("--json", "print JSON for machines on the last line")
    .addHelpText("after", exampleText("siphms bench audit --seconds 5 --rounds 3"))
    .action((options: BenchOptions & AuditBenchOptions) => {
      const { seconds, rounds, devices, entries } = options;
      return runBench(options, context, (scope) =>
        runAuditBench(scope, { seconds, rounds, devices, entries }),
      );
    });
}

/** Runs a bench in a scope of its own and prints what it measured. */
export async function runBench(
  options: BenchOptions,
  { output }: CommandContext,
  work: (scope: BenchScope) => Promise<BenchResult>,
): Promise<void> {
  printBenchResult(await withBenchScope(output, work), options, output);
}
