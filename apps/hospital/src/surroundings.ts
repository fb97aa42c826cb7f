import path from "node:path";
import { ServerKitError } from "@siphms/server-kit";
import { databaseLink } from "./database/index.ts";
import type { KekSource } from "./keys/index.ts";
import type { HospitalSettings } from "./settings.ts";

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "::1"]);

/** What stands behind the settings: folders, origins and the key's source, worked out. */
export interface Surroundings {
  readonly kek: KekSource;
  readonly runFolder: string;
  readonly consoleOrigin: string;
  readonly appOrigin: string;
}

/**
 * Works out what is left open in the settings, and refuses combinations that would be unsafe.
 *
 * @throws {ServerKitError} `SETTING_INVALID`
 */
export function surroundingsOf(settings: HospitalSettings): Surroundings {
  const isTls = isServedByTls(settings);
  if (!LOOPBACK_HOSTS.has(settings.host) && !isTls && !settings.behindProxy) {
    throw new ServerKitError(
      "SETTING_INVALID",
      "SIPHMS_HOSPITAL_HOST is not loopback, so plain http is refused. Set SIPHMS_HOSPITAL_TLS_CERTIFICATE and SIPHMS_HOSPITAL_TLS_KEY, or SIPHMS_HOSPITAL_BEHIND_PROXY=yes.",
    );
  }
  refuseUnsafeDatabase(settings);
  const scheme = isTls ? "https" : "http";
  const surroundings = {
    kek: settings.kek ?? {
      kind: "file" as const,
      path: path.join(settings.dataFolder, "secrets", "kek"),
    },
    runFolder: path.resolve(settings.dataFolder, "run"),
    consoleOrigin:
      settings.consoleOrigin ?? `${scheme}://localhost:${String(settings.consolePort)}`,
    appOrigin: settings.appOrigin ?? `${scheme}://localhost:${String(settings.appPort)}`,
  };
  if (surroundings.consoleOrigin === surroundings.appOrigin) {
    throw new ServerKitError(
      "SETTING_INVALID",
      "The console and the patient app have the same origin: a fault in one would give away the other's keys. Give them different ports or names.",
    );
  }
  return surroundings;
}

function isServedByTls({ tlsCertificate, tlsKey }: HospitalSettings): boolean {
  if ((tlsCertificate === undefined) === (tlsKey === undefined)) return tlsKey !== undefined;
  throw new ServerKitError(
    "SETTING_INVALID",
    "SIPHMS_HOSPITAL_TLS_CERTIFICATE and SIPHMS_HOSPITAL_TLS_KEY belong together: set both, or neither.",
  );
}

/** A database elsewhere is reached by TLS, whatever its address says, but for one that says it will not. */
function refuseUnsafeDatabase(settings: HospitalSettings): void {
  const { databaseUrl, databaseAdminUrl, drillUrl, unsafeDatabaseWithoutTls } = settings;
  for (const address of [databaseUrl, databaseAdminUrl, drillUrl]) {
    if (address === undefined || !isUnsafeDatabase(address) || unsafeDatabaseWithoutTls) continue;
    throw new ServerKitError(
      "SETTING_INVALID",
      "The database is on another machine and its address says sslmode=disable. Take that out, with sslrootcert=FILE for an authority of your own, or set SIPHMS_HOSPITAL_UNSAFE_DATABASE_WITHOUT_TLS=yes.",
    );
  }
}

function isUnsafeDatabase(address: string): boolean {
  try {
    return databaseLink(address) === "unsafe-plain";
  } catch {
    // The address is not repeated: it holds a password.
    throw new ServerKitError(
      "SETTING_INVALID",
      "DATABASE_URL or DATABASE_ADMIN_URL is no address. Write it as postgres://USER:PASSWORD@HOST/NAME, with %-codes for what is special in the password.",
    );
  }
}
