import type { Registration } from "@siphms/api";
import { EXIT, type Logger } from "@siphms/server-kit";
import { readLogKeys } from "./audit/index.ts";
import { openInstalled, type InstalledFoundation } from "./foundation.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

/** Log keys that a gateway is told, the newest: one that was retired long ago signs nothing that is still to be witnessed. */
const MAX_LOG_KEYS = 4;

/** What a gateway needs to know to admit this hospital: public data only. */
export async function registrationOf(
  {
    database,
    keyring,
    installation,
    keys,
  }: Pick<InstalledFoundation, "database" | "keyring" | "installation" | "keys">,
  appOrigin: string,
): Promise<Registration> {
  const logKeys = await readLogKeys(database, keyring);
  return {
    id: installation.hospitalId,
    name: installation.hospitalName,
    passKey: keys.pass.publicJwk,
    appOrigin,
    ...(logKeys.length > 0 && { logKeys: logKeys.slice(-MAX_LOG_KEYS).map(({ vkey }) => vkey) }),
  };
}

/** Prints the registration as one line of JSON, for `siphms gateway admit`. */
export async function registration(
  settings: HospitalSettings,
  { log, tell }: { readonly log: Logger; readonly tell: (line: string) => void },
): Promise<number> {
  const installed = await openInstalled(settings, log);
  try {
    tell(JSON.stringify(await registrationOf(installed, surroundingsOf(settings).appOrigin)));
    return EXIT.done;
  } finally {
    await installed.database.close();
  }
}
