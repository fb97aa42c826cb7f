import { auditConsistency } from "./audit-consistency.ts";
import { confirm } from "./confirm.ts";
import { consent } from "./consent.ts";
import { devices, revokeDevice } from "./devices.ts";
import { disclosures } from "./disclosures.ts";
import { exportRecord } from "./export.ts";
import { history } from "./history.ts";
import { limits } from "./limits.ts";
import { profile } from "./profile.ts";
import { seen } from "./seen.ts";

/** The request methods of version 1 with the codecs of their parameters and results (protocol section 6). */
export interface Methods {
  readonly confirm: typeof confirm;
  readonly profile: typeof profile;
  readonly history: typeof history;
  readonly limits: typeof limits;
  readonly disclosures: typeof disclosures;
  readonly devices: typeof devices;
  readonly "revoke-device": typeof revokeDevice;
  readonly consent: typeof consent;
  readonly export: typeof exportRecord;
  readonly seen: typeof seen;
  readonly "audit-consistency": typeof auditConsistency;
}

/** The name of a request method of version 1. */
export type MethodName = keyof Methods;

/** The codecs of each method: `METHODS.history.parameters.parse(request.parameters)`. */
export const METHODS: Methods = {
  confirm,
  profile,
  history,
  limits,
  disclosures,
  devices,
  "revoke-device": revokeDevice,
  consent,
  export: exportRecord,
  seen,
  "audit-consistency": auditConsistency,
};

/** True for a method that version 1 knows; others are answered with `unknown-method`. */
export function isMethodName(method: string): method is MethodName {
  return Object.hasOwn(METHODS, method);
}
