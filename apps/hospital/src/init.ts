import { EXIT, ServerKitError, systemClock, type Logger } from "@siphms/server-kit";
import { explained, kekOptionsOf, openFoundation } from "./foundation.ts";
import { createInstallation, isInstalled, loadInstallation } from "./installation.ts";
import { createKek } from "./keys/index.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

/**
 * Makes the installation: key-encryption key, schema, id and name, the hospital's keys. What is there already stays.
 *
 * @param tell - Takes one line of JSON: `{hospital, name, created}`.
 */
export async function init(
  settings: HospitalSettings,
  { log, tell }: { readonly log: Logger; readonly tell: (line: string) => void },
): Promise<number> {
  const source = surroundingsOf(settings).kek;
  const foundation = await openFoundation(settings, log, {
    async prepareKek(database) {
      // Where there is a hospital already, its key is to be brought back: a new one would open nothing.
      if (!(await isInstalled(database))) await createKek(source, kekOptionsOf(settings));
    },
  });
  const { database, keyring, kek, crypto } = foundation;
  try {
    const known = await explained(() => loadInstallation(database, keyring));
    const { hospitalId, hospitalName } = settings;
    if (known === undefined && (hospitalId === undefined || hospitalName === undefined)) {
      throw new ServerKitError(
        "SETTING_INVALID",
        "A new hospital needs HOSPITAL_ID (for ever: devices know it) and SIPHMS_HOSPITAL_NAME.",
      );
    }
    if (known !== undefined && hospitalId !== undefined && hospitalId !== known.hospitalId) {
      throw new ServerKitError(
        "SETTING_INVALID",
        `This database holds the hospital ${known.hospitalId} already. Its id cannot be changed.`,
      );
    }
    const installation = known ?? {
      hospitalId: hospitalId ?? "",
      hospitalName: hospitalName ?? "",
    };
    const created = await createInstallation(installation, {
      database,
      keyring,
      kek,
      crypto,
      now: systemClock.now(),
    });
    tell(
      JSON.stringify({
        hospital: installation.hospitalId,
        name: installation.hospitalName,
        created,
      }),
    );
    return EXIT.done;
  } finally {
    await database.close();
  }
}
