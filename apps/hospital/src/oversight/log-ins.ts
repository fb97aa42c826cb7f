import { LOG_IN_REFUSED, LOG_IN_SLOWED } from "../staff/index.ts";
import { isWithin, type Condition } from "./conditions.ts";
import type { FigureSource } from "./figure-source.ts";
import { countEntries } from "./find-entries.ts";
import { openOldest, type Detailed } from "./opened-details.ts";

/** How the audit log names whoever was not signed in: failed log-ins to no account that there is. */
const ANYBODY = "anybody";
const ACCOUNT = `CASE WHEN e.object LIKE 'staff:%' THEN e.object ELSE '${ANYBODY}' END`;
const FAILED: Condition = { text: "e.event = ANY(?)", values: [[LOG_IN_REFUSED, LOG_IN_SLOWED]] };

/**
 * Failed log-ins by the account that was tried. Many that came at once stand in one entry with their count; whose count
 * cannot be read, or is not opened any more, is one.
 */
export const logIns: FigureSource = {
  async count({ from, to }, ports) {
    const week = isWithin(from, to);
    const failed = new Map<string, number>();
    for (const [account, count] of await countEntries(ports.database, ACCOUNT, [week, FAILED])) {
      const opened = await openOldest([week, ...isTo(account)], count, ports);
      failed.set(
        account,
        opened.reduce((sum, entry) => sum + furtherIn(entry), count),
      );
    }
    return failed;
  },
  behind: (_week, account) => Promise.resolve(isTo(account)),
};

function isTo(account: string): readonly Condition[] {
  return [
    FAILED,
    account === ANYBODY
      ? { text: "coalesce(e.object, '') NOT LIKE 'staff:%'", values: [] }
      : { text: "e.object = ?", values: [account] },
  ];
}

/** How many log-ins an entry stands for beside the one. */
function furtherIn({ details }: Detailed): number {
  const count = details["count"];
  return typeof count === "number" && count > 1 ? count - 1 : 0;
}
