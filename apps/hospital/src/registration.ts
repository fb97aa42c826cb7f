import type { Registration } from "@siphms/api";
import { EXIT, type Logger } from "@siphms/server-kit";
import { openInstalled, type InstalledFoundation } from "./foundation.ts";
import { surroundingsOf, type HospitalSettings } from "./settings.ts";

/** What a gateway needs to know to admit this hospital: public data only. */
export function registrationOf(
  { installation, keys }: Pick<InstalledFoundation, "installation" | "keys">,
  appOrigin: string,
): Registration {
  return {
    id: installation.hospitalId,
    name: installation.hospitalName,
    passKey: keys.pass.publicJwk,
    appOrigin,
  };
}

/** Prints the registration as one line of JSON, for `siphms gateway admit`. */
export async function registration(
  settings: HospitalSettings,
  { log, tell }: { readonly log: Logger; readonly tell: (line: string) => void },
): Promise<number> {
  const installed = await openInstalled(settings, log);
  try {
    tell(JSON.stringify(registrationOf(installed, surroundingsOf(settings).appOrigin)));
    return EXIT.done;
  } finally {
    await installed.database.close();
  }
}
