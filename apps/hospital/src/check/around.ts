import type { KekStatus } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { HospitalSettings } from "../settings.ts";
import type { Surroundings } from "../surroundings.ts";

/** What stands around the records of a hospital that runs: what its settings say, and what they lead to. */
export interface Around {
  readonly settings: HospitalSettings;
  readonly surroundings: Surroundings;
  readonly hospitalId: string;
  readonly kekStatus: () => Promise<KekStatus>;
  /** What browsers are shown; without it the file on the disk is judged. */
  readonly certificate?: ServedCertificate;
}

/** What a sweep around the records needs. */
export interface AroundPorts extends Around {
  readonly database: Database;
  readonly keyring: Pick<Keyring, "blindIndex">;
  readonly clock: Clock;
}
