import type { en } from "../en/index.ts";
import type { Texts } from "../texts.ts";
import { frame } from "./frame.ts";

/** All Arabic texts, by namespace. */
export const ar: { readonly [Name in keyof typeof en]: Texts<(typeof en)[Name]> } = { frame };
