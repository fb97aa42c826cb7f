import { common } from "./common.ts";
import { shell } from "./shell.ts";

/** All English texts, by namespace. */
export const en = { common, shell };
