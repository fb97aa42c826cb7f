import { frame } from "./frame.ts";

/** All English texts, by namespace. */
export const en = { frame } as const;
