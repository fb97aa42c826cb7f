import { common } from "./common.ts";

/** All English texts, by namespace. */
export const en = { common };
