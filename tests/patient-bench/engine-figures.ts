import type { Browser } from "playwright-core";
import type { BenchValue } from "../../apps/cli/src/bench/harness/bench-result.ts";
import { median, rounded } from "../../apps/cli/src/bench/harness/statistics.ts";
import type { Installation } from "../system/installation.ts";
import { bundlePage } from "./bundle.ts";

const WARM_UP_ROUNDS = 20;
const SEAL_ROUNDS = 200;
const QUEUE_ITEMS = 10_000;
const OPENINGS = 5;
const BENCH_PATH = "/patient-bench";
const FILL_LIMIT_MS = 600_000;

/**
 * Measures the engine and the storage of the app in Chromium, on the app's origin but without its screens: sealing a
 * minute of heart rates, and opening a queue of 10,000 such items (with which nothing else was loaded).
 */
export async function engineFigures(
  browser: Browser,
  installation: Installation,
): Promise<Readonly<Record<string, BenchValue>>> {
  // The page of the bench is the origin's answer to an unknown address, without a policy: one that a test makes up counts as
  // of no network, and Chromium lets no such page reach a gateway on this machine.
  const context = await browser.newContext({ serviceWorkers: "block", bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(FILL_LIMIT_MS);
  const code = await bundlePage();
  await page.route(`**${BENCH_PATH}.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: code }),
  );
  const call = async <T>(expression: string): Promise<T> => {
    await page.goto(installation.appUrl + BENCH_PATH);
    return page.evaluate<T>(`import("${BENCH_PATH}.js").then((bench) => bench.${expression})`);
  };
  try {
    return { ...(await sealing(call)), ...(await queue(call, installation)) };
  } finally {
    await context.close();
  }
}

type Call = <T>(expression: string) => Promise<T>;

async function sealing(call: Call): Promise<Readonly<Record<string, BenchValue>>> {
  const rounds = WARM_UP_ROUNDS + SEAL_ROUNDS;
  const { sign, seal } = await call<{ sign: number[]; seal: number[] }>(`seal(${String(rounds)})`);
  const counted = (all: readonly number[]): readonly number[] => all.slice(WARM_UP_ROUNDS);
  const both = counted(seal).map((ms, index) => ms + (counted(sign)[index] ?? 0));
  return {
    sealBatchMs: rounded(median(counted(seal))),
    signAndSealBatchMs: rounded(median(both)),
  };
}

async function queue(
  call: Call,
  installation: Installation,
): Promise<Readonly<Record<string, BenchValue>>> {
  const link = await installation.invite("BENCH-QUEUE");
  await call(`fill(${JSON.stringify(link)}, ${String(QUEUE_ITEMS)})`);
  const times: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    const { ms, items } = await call<{ ms: number; items: number }>("openQueue()");
    if (items !== QUEUE_ITEMS) throw new Error(`the queue has ${String(items)} items`);
    times.push(ms);
  }
  return { openQueueMs: rounded(median(times)), openQueueItems: QUEUE_ITEMS };
}
