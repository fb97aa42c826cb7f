import http from "node:http";

import { parseApi, readingsPath, readingsSchema, summaryPath, summarySchema } from "@siphms/api";

import { CliError } from "../../cli-error.ts";
import { signIn } from "../../demo/console-client.ts";
import { sendJson } from "../../installation/json-http.ts";
import { SAMPLES_PER_ENVELOPE } from "../harness/bench-envelopes.ts";
import type { BenchScope } from "../harness/bench-scope.ts";

/** A history that is read: whose, and when it was measured, ms. */
export interface HistoryRange {
  readonly patient: string;
  readonly from: number;
  readonly to: number;
}

/** What is read, and until when. */
export interface HistoryRanges {
  readonly day: HistoryRange;
  /** Asked for up to now, as a screen does. */
  readonly year: HistoryRange;
}

/** One of the two questions that a doctor's screen asks. */
export type HistoryQuestion = "day" | "year";

/** A doctor's session with the console's API. */
export interface HistoryReader {
  /** Asks once. @returns ms from sending to the answer's last byte. @throws {CliError} for another answer than the first. */
  ask(question: HistoryQuestion): Promise<number>;
  /** Size of each answer. */
  readonly answerBytes: Readonly<Record<HistoryQuestion, number>>;
}

const MINUTES_A_DAY = 1440;
const DAY_MS = 86_400_000;

/**
 * Signs in with a doctor's link and checks both answers once: that they hold everything that was measured.
 *
 * @throws {CliError} when they do not.
 */
export async function openHistoryReader(
  scope: BenchScope,
  link: string,
  ranges: HistoryRanges,
): Promise<HistoryReader> {
  const console = await signIn(link);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  scope.hold({
    stop: async () => {
      agent.destroy();
      await console.close();
    },
  });
  const { hostname: host, port } = new URL(link);
  const paths = {
    day: readingsPath(ranges.day.patient, ranges.day),
    year: summaryPath(ranges.year.patient, { ...ranges.year, to: Date.now(), span: "day" }),
  };
  const get = async (question: HistoryQuestion): Promise<string> => {
    const request = { method: "GET", path: paths[question], headers: console.headers } as const;
    const { status, body } = await sendJson({ host, port: Number(port) }, request, agent);
    if (status !== 200) throw new CliError(`The console answered with status ${status}.`);
    return body;
  };
  const [day, year] = [await get("day"), await get("year")];
  checkDay(day);
  checkYear(year, ranges.year);
  const answerBytes = { day: day.length, year: year.length };
  return {
    answerBytes,
    async ask(question) {
      const begin = performance.now();
      const body = await get(question);
      const ms = performance.now() - begin;
      if (body.length !== answerBytes[question]) {
        throw new CliError("The console did not give the same answer as before.");
      }
      return ms;
    },
  };
}

function checkDay(body: string): void {
  const { runs, next } = parseApi(readingsSchema, JSON.parse(body));
  const samples = runs.reduce((sum, { values }) => sum + values.length, 0);
  if (next !== undefined || samples !== MINUTES_A_DAY * SAMPLES_PER_ENVELOPE) {
    throw new CliError(`A day of readings has ${samples} samples.`);
  }
}

function checkYear(body: string, { from, to }: HistoryRange): void {
  const { series } = parseApi(summarySchema, JSON.parse(body));
  const days = (to - from) / DAY_MS;
  // Five kinds, and a pressure has two numbers.
  if (series.length !== 6 || series.some(({ start }) => start.length !== days)) {
    throw new CliError("A year of summaries lacks days or kinds.");
  }
}
