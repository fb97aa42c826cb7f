import { common } from "./common.ts";
import { session } from "./session.ts";
import { access } from "./access.ts";
import { alerts } from "./alerts.ts";
import { emergency } from "./emergency.ts";
import { enrol } from "./enrol.ts";
import { evidence } from "./evidence.ts";
import { notify } from "./notify.ts";
import { oversight } from "./oversight.ts";
import { plan } from "./plan.ts";
import { quarantine } from "./quarantine.ts";
import { shell } from "./shell.ts";
import { system } from "./system.ts";
import { record } from "./record.ts";
import { worklist } from "./worklist.ts";
import type { en } from "../en/index.ts";
import type { Texts } from "@siphms/web-kit";

/** All Arabic texts, by namespace. */
export const ar: { readonly [Name in keyof typeof en]: Texts<(typeof en)[Name]> } = {
  common,
  session,
  access,
  alerts,
  emergency,
  enrol,
  evidence,
  notify,
  oversight,
  plan,
  quarantine,
  shell,
  system,
  record,
  worklist,
};
