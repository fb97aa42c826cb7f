import { common } from "./common.ts";
import { session } from "./session.ts";
import { access } from "./access.ts";
import { enrol } from "./enrol.ts";
import { shell } from "./shell.ts";

/** All English texts, by namespace. */
export const en = { common, session, access, enrol, shell };
