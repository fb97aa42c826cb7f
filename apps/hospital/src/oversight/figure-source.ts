import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Condition } from "./conditions.ts";
import type { Week } from "./weeks.ts";

/** What figures are counted from. */
export interface FigurePorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly timeZone: string;
}

/**
 * One figure of a week's activity: how it is counted, and which entries are behind it. Both say the same, so that whoever
 * opens a figure finds what was counted.
 */
export interface FigureSource {
  /** By actor; whoever has none is left out. */
  count(week: Week, ports: FigurePorts): Promise<ReadonlyMap<string, number>>;
  /** What is true of one actor's entries behind the figure, beside that they are of the week. */
  behind(week: Week, actor: string, ports: FigurePorts): Promise<readonly Condition[]>;
}
