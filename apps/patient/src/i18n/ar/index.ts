import type { en } from "../en/index.ts";
import type { Texts } from "@siphms/web-kit";
import { enter } from "./enter.ts";
import { frame } from "./frame.ts";
import { problems } from "./problems.ts";
import { readings } from "./readings.ts";
import { record } from "./record.ts";
import { safety } from "./safety.ts";
import { sensors } from "./sensors.ts";
import { today } from "./today.ts";
import { unlock } from "./unlock.ts";
import { welcome } from "./welcome.ts";

/** All Arabic texts, by namespace. */
export const ar: { readonly [Name in keyof typeof en]: Texts<(typeof en)[Name]> } = {
  enter,
  frame,
  problems,
  readings,
  record,
  safety,
  sensors,
  today,
  unlock,
  welcome,
};
