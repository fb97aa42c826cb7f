import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { composeEmergency, type Emergency } from "../compose-emergency.ts";
import { migrate, openDatabase } from "../database/index.ts";
import type { StaticFiles } from "../http/index.ts";
import { CONSOLE_ORIGIN, HOSPITAL, log, type HospitalWorld } from "./hospital-world.ts";
import { UNSAFE_COST } from "./log-in-world.ts";

/** Emergency mode over the database of a hospital that is away. */
export interface EmergencyWorld extends Emergency {
  readonly dataFolder: string;
  /** Ends emergency mode and lets the service write again: the hospital is back. */
  comeBack(): Promise<void>;
}

/**
 * Takes every right to write from the service's role, as on a replica, and opens emergency mode over it.
 *
 * A replica refuses more than writing, locks above all; so does a role that may only read.
 */
export async function createEmergencyWorld(
  world: HospitalWorld,
  {
    consoleOrigin = CONSOLE_ORIGIN,
    pages = new Map(),
  }: { readonly consoleOrigin?: string; readonly pages?: StaticFiles } = {},
): Promise<EmergencyWorld> {
  const { test, keyring, crypto, kek, keys, clock } = world;
  const serviceRole = new URL(test.url).username;
  const schemas = "ALL TABLES IN SCHEMA public, keystore";
  await world.tamper(`REVOKE INSERT, UPDATE, DELETE ON ${schemas} FROM ${serviceRole}`);
  const database = await openDatabase({ url: test.url, readOnly: true });
  const dataFolder = await mkdtemp(path.join(tmpdir(), "siphms-emergency-"));
  const emergency = await composeEmergency({
    installed: { database, keyring, crypto, kek, keys, installation: HOSPITAL },
    ...{ dataFolder, log, clock, consoleOrigin },
    files: { console: pages, tls: undefined },
    unsafePasswordCost: UNSAFE_COST,
  });
  await emergency.console.ready();
  return {
    ...emergency,
    dataFolder,
    async stop() {
      await rm(dataFolder, { recursive: true });
    },
    async comeBack() {
      await emergency.stop();
      await emergency.console.close();
      await database.close();
      await migrate({ adminUrl: test.adminUrl, serviceRole });
    },
  };
}
