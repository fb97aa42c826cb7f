// The alerts job as a program of its own, for tests that kill it. Run by killed.int.test.ts:
// node --import tsx alert-runner.ts '{"url": …, "key": …, "now": …, "hangs": …}'
import { createNodeCrypto } from "@siphms/node-crypto";
import { FakeClock } from "@siphms/testkit";
import { createAlerts } from "../alerts/index.ts";
import { createAuditWriter } from "../audit/index.ts";
import { openDatabase, withAudit } from "../database/index.ts";
import { openKeyring } from "../keys/index.ts";
import { createNotifier, type Notifier } from "../notify/index.ts";
import { createTestAccess } from "./access-world.ts";
import { log } from "./hospital-world.ts";

/** What the program is told. */
export interface AlertRunnerParameters {
  readonly url: string;
  /** The installation key, base64. */
  readonly key: string;
  readonly now: number;
  /** Whether it never gets further than to the first alert that it raises: its transaction stays open. */
  readonly hangs: boolean;
}

const { url, key, now, hangs } = JSON.parse(process.argv[2] ?? "") as AlertRunnerParameters;
const crypto = createNodeCrypto();
const keyring = openKeyring(
  { bytes: new Uint8Array(Buffer.from(key, "base64")), adopted: false },
  crypto,
);
const opened = await openDatabase({ url });
const database = withAudit(opened, createAuditWriter({ keyring, crypto }));
const clock = new FakeClock(now);
const telling = createNotifier({
  ...{ keyring, clock, ways: {}, onQueued: () => undefined },
  beginCare: createTestAccess({ database, keyring, clock }).beginCareWithin,
});
const notifier: Notifier = {
  ...telling,
  async onRaised(tx, alert) {
    const told = await telling.onRaised(tx, alert);
    process.stdout.write("raising\n");
    return hangs ? new Promise<never>(() => setInterval(() => undefined, 1000)) : told;
  },
};
const { job } = createAlerts({
  ...{ database, keyring, clock, log, notifier },
  publish: () => undefined,
});
process.stdout.write("ready\n");
job.start();
