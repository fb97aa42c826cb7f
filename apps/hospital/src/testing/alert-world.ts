import { setTimeout as sleep } from "node:timers/promises";
import type { AlertStand } from "@siphms/api";
import type { AccessDesk } from "../access/index.ts";
import { createAlerts, type Alerts } from "../alerts/index.ts";
import { createNotifier, type Notifier, type NotifyWays } from "../notify/index.ts";
import { createTestAccess } from "./access-world.ts";
import { log, type HospitalWorld } from "./hospital-world.ts";

/** What a test's alerts are joined with; left out, people are told at the console alone, and no screen is open. */
export interface TestAlertParts {
  readonly access?: AccessDesk;
  readonly ways?: NotifyWays;
  readonly notifier?: Notifier;
  readonly publish?: (patientId: string, stand: AlertStand) => void;
  readonly onQueued?: () => void;
}

/** Alerts of a hospital in a test: `job.run()` evaluates everything that is stored and whatever the clock has made due. */
export function createTestAlerts(
  { database, keyring, clock }: Pick<HospitalWorld, "clock" | "database" | "keyring">,
  parts: TestAlertParts = {},
): Alerts {
  const access = parts.access ?? createTestAccess({ database, keyring, clock });
  const notifier =
    parts.notifier ??
    createNotifier({
      ...{ keyring, clock, ways: parts.ways ?? {} },
      beginCare: access.beginCareWithin,
      onQueued: parts.onQueued ?? (() => undefined),
    });
  return createAlerts({
    ...{ database, keyring, clock, log, notifier },
    publish: parts.publish ?? (() => undefined),
    // A turn of its own: what is still to be told when the database closes would else hold up the process for ever.
    pause: () => sleep(1, undefined, { ref: false }),
  });
}
