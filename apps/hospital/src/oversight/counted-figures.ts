import { DISCLOSED, GLASS_BROKEN, type Disclosure } from "../access/index.ts";
import { isBy, isWithin, joinConditions, type Condition } from "./conditions.ts";
import type { FigurePorts, FigureSource } from "./figure-source.ts";

/** Lists show many patients at once, again and again: a look at one opens no record. */
const LISTS: readonly Disclosure["what"][] = [
  "access-log",
  "alerts",
  "audit",
  "break-glass",
  "care",
  "live",
  "registry",
  "trends",
  "worklist",
];
const EXPORTS: readonly Disclosure["what"][] = ["evidence-file"];
/** The hour of the day from which on it is night, and the one from which on it is not. */
const NIGHT = { from: 22, to: 6 };

/** Looks at one patient, by staff or on the command line: the patients themselves look into their own records. */
export const OPENED: Condition = {
  text: `e.event = '${DISCLOSED}' AND e.object <> ALL(?) AND (e.actor LIKE 'staff:%' OR e.actor = 'operator')`,
  values: [LISTS],
};

type Where = (ports: FigurePorts) => readonly Condition[];

/** Different patients whose record was opened. */
export const records: FigureSource = counted("count(DISTINCT e.subject)", () => [OPENED]);

/** The same at night. */
export const night: FigureSource = counted("count(DISTINCT e.subject)", ({ timeZone }) => [
  OPENED,
  isAtNight(timeZone),
]);

/** Records opened in an emergency. */
export const emergencies: FigureSource = counted("count(*)", () => [
  { text: `e.event = '${GLASS_BROKEN}'`, values: [] },
]);

/** What was taken along as a file. */
export const exported: FigureSource = counted("count(*)", () => [
  { text: `e.event = '${DISCLOSED}' AND e.object = ANY(?)`, values: [EXPORTS] },
]);

/** A figure that the index of the log tells by itself. */
function counted(what: "count(*)" | "count(DISTINCT e.subject)", where: Where): FigureSource {
  return {
    async count({ from, to }, ports) {
      const { text, values } = joinConditions([isWithin(from, to), ...where(ports)]);
      const { rows } = await ports.database.query(
        `SELECT e.actor, ${what} AS count FROM audit_events e WHERE ${text} GROUP BY e.actor`,
        values,
      );
      return new Map(rows.map((row) => [row.text("actor"), row.number("count")]));
    },
    behind: (_week, actor, ports) => Promise.resolve([...where(ports), isBy(actor)]),
  };
}

function isAtNight(timeZone: string): Condition {
  const hour = "extract(hour FROM to_timestamp(e.at / 1000.0) AT TIME ZONE ?)";
  const { from, to } = NIGHT;
  return {
    text: `(${hour} >= ${String(from)} OR ${hour} < ${String(to)})`,
    values: [timeZone, timeZone],
  };
}
