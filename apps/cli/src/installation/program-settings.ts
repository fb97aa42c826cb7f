import { availableParallelism } from "node:os";

import type { LocalPostgres } from "@siphms/local-postgres";

import type { Layout } from "./layout.ts";

/** The ports that an installation on one machine listens on. */
export interface Ports {
  readonly gateway: number;
  readonly console: number;
  readonly app: number;
}

/** What the settings of the programs are made from. */
export interface InstallationPlan {
  readonly layout: Layout;
  readonly ports: Ports;
  readonly demo: boolean;
  /** Folder of the built console; absent where it is not built. */
  readonly consoleFolder?: string;
  /** Folder of the built patient app; absent where it is not built. */
  readonly appFolder?: string;
  /** How alerts leave the console, by the settings' names: see {@link tellingSettings}. */
  readonly telling?: Readonly<Record<string, string>>;
}

const DEMO_HOSPITAL_ID = "demo-hospital";
const DEMO_HOSPITAL_NAME = "Demonstration Hospital";
/** All devices of a demo come from one address, and enrol within seconds. */
const DEMO_REQUESTS_PER_MINUTE = 100_000;
/** A squeezed recording of months is sent in seconds; a gateway takes no pass for more. */
const DEMO_ENVELOPES_PER_MINUTE = 6_000;

/** The address by which devices and the hospital reach the gateway. */
export function gatewayUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.gateway}`;
}

/** The gateway's settings, by their names in its environment. */
export function gatewaySettings({ layout, ports, demo }: InstallationPlan): Record<string, string> {
  return {
    SIPHMS_GATEWAY_URL: gatewayUrl(ports),
    SIPHMS_GATEWAY_PORT: String(ports.gateway),
    SIPHMS_GATEWAY_DATA: layout.gateway,
    SIPHMS_GATEWAY_RUN: layout.run,
    ...(demo ? { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: String(DEMO_REQUESTS_PER_MINUTE) } : {}),
  };
}

/** Node's own default; fewer threads would make files wait for signatures. */
const LEAST_THREADS = 4;

/** The hospital verifies signatures in Node's thread pool: one thread for each core. It can only be set before a start. */
export function threadPool(): { readonly UV_THREADPOOL_SIZE: string } {
  return { UV_THREADPOOL_SIZE: String(Math.max(LEAST_THREADS, availableParallelism())) };
}

/** The hospital's settings that an installation on one machine takes from whoever starts it; everything else it knows itself. */
const TELLING_VARIABLES = [
  "SIPHMS_HOSPITAL_SMTP_URL",
  "SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE",
  "SIPHMS_HOSPITAL_SMTP_FROM",
  "SIPHMS_HOSPITAL_WEBHOOK_URL",
  "SIPHMS_HOSPITAL_WEBHOOK_SECRET_FILE",
  "SIPHMS_HOSPITAL_BACKUP_FOLDER",
  "SIPHMS_HOSPITAL_BACKUP_HOURS",
  "SIPHMS_HOSPITAL_BACKUPS_KEPT",
  "SIPHMS_HOSPITAL_KEK",
  "SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE",
  "SIPHMS_HOSPITAL_TIME_ZONE",
  // Beside this installation's own gateway.
  "SIPHMS_HOSPITAL_WITNESSES",
];

/** A mail server, a webhook's receiver, a key's source, a folder for backups, a time zone and other witnesses, where the environment names some: nobody but its owner knows any. */
export function tellingSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    TELLING_VARIABLES.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** The hospital's settings, by their names in its environment. */
export function hospitalSettings(
  { layout, ports, demo, consoleFolder, appFolder, telling = {} }: InstallationPlan,
  database: LocalPostgres,
): Record<string, string> {
  return {
    ...telling,
    ...threadPool(),
    DATABASE_URL: database.url,
    DATABASE_ADMIN_URL: database.adminUrl,
    SIPHMS_DATA: layout.data,
    HOSPITAL_ID: DEMO_HOSPITAL_ID,
    SIPHMS_HOSPITAL_NAME: DEMO_HOSPITAL_NAME,
    SIPHMS_HOSPITAL_GATEWAYS: gatewayUrl(ports),
    SIPHMS_HOSPITAL_PORT: String(ports.console),
    SIPHMS_HOSPITAL_APP_PORT: String(ports.app),
    SIPHMS_DEMO: demo ? "yes" : "no",
    ...(demo ? { SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: String(DEMO_ENVELOPES_PER_MINUTE) } : {}),
    ...(consoleFolder === undefined ? {} : { SIPHMS_CONSOLE_DIR: consoleFolder }),
    ...(appFolder === undefined ? {} : { SIPHMS_APP_DIR: appFolder }),
  };
}
