import { readingsPath, type Readings } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import type { BenchInstallation } from "../../apps/cli/src/bench/harness/bench-installation.ts";
import { startBenchProcess } from "../../apps/cli/src/bench/harness/bench-process.ts";
import type { BenchProcess } from "../../apps/cli/src/bench/harness/bench-process.ts";
import type { BenchValue } from "../../apps/cli/src/bench/harness/bench-result.ts";
import type { BenchScope } from "../../apps/cli/src/bench/harness/bench-scope.ts";
import { percentile, rounded } from "../../apps/cli/src/bench/harness/statistics.ts";
import type { LoadCalls } from "../../apps/cli/src/bench/load/load-calls.ts";
import type { LoadReport } from "../../apps/cli/src/bench/load/load-run.ts";
import {
  READ_LONG_TASKS,
  READ_PAINTED,
  WATCH_LONG_TASKS,
  WATCH_ROWS,
  type Painted,
} from "./screen-watch.ts";
import { openWard } from "./site.ts";

/** What stands still on a desk, and what somebody scrolls on a slow tablet. */
const DESK = { name: "Dr. Desk", width: 1920, height: 1080 };
const TABLET = { name: "Dr. Tablet", width: 768, height: 1024 };
const CPU_SLOWDOWN = 6;
const SCROLL_PX = 400;
const SCROLL_EVERY_MS = 400;
const CONNECTIONS = 64;
const WAIT_SECONDS = 30;
/** Their processes are built, as are the programs they load. */
const BUILT = new URL("../../apps/cli/dist/bench/end-to-end.js", import.meta.url).href;

/** How the ward is made busy. */
export interface WardOptions {
  readonly patients: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What was measured of the worklist. */
export interface WardFigures {
  readonly value: Readonly<Record<string, BenchValue>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Measures the worklist of a busy ward: from stored to painted, and how long a slow tablet does nothing else. */
export async function wardFigures(
  scope: BenchScope,
  {
    browser,
    installation,
  }: { readonly browser: Browser; readonly installation: BenchInstallation },
  options: WardOptions,
): Promise<WardFigures> {
  const load = await startBenchProcess<LoadCalls>(scope, "./load/load-main", BUILT);
  scope.say(`Enrolling ${String(options.patients)} devices ...`);
  const { gatewayUrl, operatorSocket, ports } = installation;
  await load.ask("enrol", { gatewayUrl, operatorSocket, devices: options.patients });
  await load.ask("openSessions", options.patients);
  const busy = { load, port: ports.gateway, options };
  // Each patient has a value first: a row that is empty costs less.
  await keepBusy({
    ...busy,
    options: { ...options, seconds: options.patients / options.perSecond },
  });
  scope.say("Measuring from stored to painted ...");
  const painted = await storedToPainted(await openWard(browser, installation, DESK), busy);
  scope.say("Measuring long tasks on a slow tablet ...");
  const tasks = await longTasks(await openWard(browser, installation, TABLET), busy);
  const [p50Ms, p99Ms] = [rounded(percentile(painted, 50)), rounded(percentile(painted, 99))];
  return {
    p50Ms,
    p99Ms,
    value: {
      storedToPainted: {
        p50Ms,
        p99Ms,
        maxMs: rounded(Math.max(...painted)),
        values: painted.length,
      },
      longTasks: {
        longestMs: rounded(Math.max(0, ...tasks)),
        over200Ms: tasks.filter((ms) => ms > 200).length,
        over50Ms: tasks.length,
      },
    },
  };
}

interface Busy {
  readonly load: BenchProcess<LoadCalls>;
  readonly port: number;
  readonly options: WardOptions;
}

/** Has every device send in turn at the wanted rate. @throws {RangeError} unless everything is stored. */
async function keepBusy({ load, port, options }: Busy): Promise<LoadReport> {
  const { perSecond, seconds } = options;
  const count = Math.round(perSecond * seconds);
  await load.ask("prepare", { kind: "sealed", port, count, waitSeconds: WAIT_SECONDS });
  const report = await load.ask("send", {
    kind: "paced",
    phases: [{ perSecond, seconds }],
    maxConnections: CONNECTIONS,
    verify: "on-arrival",
  });
  if (report.receipts.length !== count) throw new RangeError("not everything was stored");
  return report;
}

async function storedToPainted(page: Page, busy: Busy): Promise<readonly number[]> {
  await page.evaluate(WATCH_ROWS);
  const { receipts } = await keepBusy(busy);
  const painted = await page.evaluate<readonly Painted[]>(READ_PAINTED);
  const messages = await messagesOf(page, painted);
  const stored = new Map(receipts.map((receipt) => [receipt.messageId, receipt.stored]));
  const times = painted.flatMap(({ patient, measuredAt, paintedAt }) => {
    const at = stored.get(messages.get(`${patient} ${String(measuredAt)}`) ?? "");
    return at === undefined ? [] : [paintedAt - at];
  });
  await page.context().close();
  if (times.length < painted.length * 0.9) throw new RangeError("values of unknown messages");
  return times;
}

/** Which message a value came in: asked of the hospital afterwards, by the patient and the time of the newest sample. */
async function messagesOf(
  page: Page,
  painted: readonly Painted[],
): Promise<ReadonlyMap<string, string>> {
  const messages = new Map<string, string>();
  const first = Math.min(...painted.map(({ measuredAt }) => measuredAt)) - 120_000;
  for (const patient of new Set(painted.map((one) => one.patient))) {
    const path = readingsPath(patient, { from: Math.max(0, first), to: Date.now() + 60_000 });
    const answer = await page.evaluate<Readings>(
      `fetch(${JSON.stringify(path)}).then((a) => a.json())`,
    );
    for (const { messageId, start, step, values } of answer.runs) {
      const steps = typeof step === "number" ? step * (values.length - 1) : sum(step);
      messages.set(`${patient} ${String(start + steps)}`, messageId);
    }
  }
  return messages;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((so, one) => so + one, 0);
}

/** Somebody scrolls up and down while values come; ms of each long task. */
async function longTasks(page: Page, busy: Busy): Promise<readonly number[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await page.evaluate(WATCH_LONG_TASKS);
  const state = { isOver: false };
  const scrolling = (async () => {
    for (let turn = 0; !state.isOver; turn++) {
      await page.mouse.wheel(0, turn % 40 < 20 ? SCROLL_PX : -SCROLL_PX);
      await page.waitForTimeout(SCROLL_EVERY_MS);
    }
  })();
  await keepBusy(busy);
  state.isOver = true;
  await scrolling;
  const tasks = await page.evaluate<readonly number[]>(READ_LONG_TASKS);
  await page.context().close();
  return tasks;
}
