import type { Database, Row, Transaction } from "../database/index.ts";
import type { OutgoingMessage, TryOutcome } from "./outgoing.ts";
import { giveUpAt, nextTryAt } from "./retries.ts";
import { parseLevel } from "./telling-rows.ts";

/** Ways whose tellings leave the program. */
export type DeliveryWay = "email" | "webhook";

/** One telling that this program tries to deliver now. */
export interface ClaimedDelivery {
  readonly tellingId: number;
  /** Whose alert it is: for the screens, and in no message. */
  readonly patientId: string;
  readonly message: OutgoingMessage;
  /** Whom; null for the webhook's receiver. */
  readonly staffId: number | null;
  readonly toldAt: number;
  /** Which try this is, from 1 on. */
  readonly attempt: number;
}

/** What became of a try; `withdrawn`: the person wants none any more. */
export type DeliveryOutcome = TryOutcome | "withdrawn";

/**
 * For so long a claimed delivery is left to whoever claimed it. Longer than any try takes, so that nobody sends it beside
 * them; who stopped in the middle of it is followed by the next one, with the same message id.
 */
export const CLAIM_MS = 60_000;

/**
 * Takes deliveries that are due, the urgent ones first, for this program alone.
 *
 * The claim is committed before anything is sent: a transaction that stays open while a mail server hangs would hold up
 * whatever waits for the audit log's fence.
 */
export async function claimDue(
  database: Database,
  claim: { readonly way: DeliveryWay; readonly now: number; readonly limit: number },
): Promise<readonly ClaimedDelivery[]> {
  return database.withTransaction(async (tx) => {
    const { rows } = await tx.query(
      `UPDATE alert_tellings SET tries = tries + 1, next_try_at = $2 + ${String(CLAIM_MS)}
       WHERE id = ANY (ARRAY(
         SELECT id FROM alert_tellings WHERE way = $1 AND next_try_at <= $2
         ORDER BY level = 'warn', next_try_at, id LIMIT $3 FOR UPDATE SKIP LOCKED))
       RETURNING id, message_id, alert_id, patient_id, level, raised_at, staff_id, told_at, tries`,
      [claim.way, claim.now, claim.limit],
    );
    const claimed = rows.map(readClaimed);
    await tx.query(
      `INSERT INTO alert_telling_tries (telling_id, try, began_at)
       SELECT t.telling_id, t.try, $3 FROM unnest($1::bigint[], $2::integer[]) AS t (telling_id, try)`,
      [claimed.map((one) => one.tellingId), claimed.map((one) => one.attempt), claim.now],
    );
    return claimed;
  });
}

/** What the telling is after a try. `late`: it was not withdrawn meanwhile, but somebody else has claimed it since. */
export type Settled = "delivered" | "failed" | "late" | "waiting" | "withdrawn";

/** Notes how a try ended: delivered, to be tried again, or given up. */
export async function settle(
  tx: Transaction,
  delivery: ClaimedDelivery,
  ended: { readonly outcome: DeliveryOutcome; readonly at: number },
): Promise<Settled> {
  const { tellingId, attempt, toldAt } = delivery;
  const { outcome, at } = ended;
  await tx.query(
    "UPDATE alert_telling_tries SET ended_at = $3, outcome = $4 WHERE telling_id = $1 AND try = $2",
    [tellingId, attempt, at, outcome],
  );
  const state = stateAfter(outcome, { toldAt, at });
  const next = state === "waiting" ? nextTryAt({ attempt, toldAt, at }) : null;
  // What the server took was told, even where it was taken back or tried again meanwhile.
  const whose = state === "delivered" ? "state <> 'delivered'" : "state = 'waiting' AND tries = $5";
  const values = [tellingId, state, state === "waiting" ? null : at, next];
  const { count } = await tx.query(
    `UPDATE alert_tellings SET state = $2, settled_at = $3, next_try_at = $4
     WHERE id = $1 AND ${whose}`,
    state === "delivered" ? values : [...values, attempt],
  );
  return count === 1 ? state : "late";
}

function stateAfter(
  outcome: DeliveryOutcome,
  { toldAt, at }: { readonly toldAt: number; readonly at: number },
): Exclude<Settled, "late"> {
  if (outcome === "delivered" || outcome === "withdrawn") return outcome;
  return at >= giveUpAt(toldAt) ? "failed" : "waiting";
}

function readClaimed(row: Row): ClaimedDelivery {
  return {
    tellingId: row.number("id"),
    patientId: row.text("patient_id"),
    message: {
      id: row.text("message_id"),
      alertId: row.number("alert_id"),
      level: parseLevel(row.text("level")),
      raisedAt: row.number("raised_at"),
    },
    staffId: row.numberOrNull("staff_id"),
    toldAt: row.number("told_at"),
    attempt: row.number("tries"),
  };
}
