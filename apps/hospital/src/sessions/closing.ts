import type { Clock } from "@siphms/server-kit";
import type { Row, Transaction } from "../database/index.ts";
import type { LiveSessions } from "./live-sessions.ts";
import type { GatewayLink } from "./ports.ts";

/** Why a session ended before its time. `device-left`: the device has taken itself away. */
export type ClosingReason =
  | "device-revoked"
  | "device-left"
  | "binding-dropped"
  | "confirmation-failed"
  | "sequence-used-up"
  | "server-changed";

/** The device waits for an answer in the very session that ends. */
const ANSWERED: ReadonlySet<ClosingReason> = new Set(["device-left", "confirmation-failed"]);
/** So much later the gateway is told: a device that hears first that its session is closed does not hear its answer. */
export const ANSWER_MS = 1_000;

/** What closing needs. */
export interface ClosingPorts {
  readonly clock: Clock;
  readonly live: LiveSessions;
  readonly link: GatewayLink;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Closes every session of a device and erases their keys, within the transaction that takes the binding away.
 *
 * After the commit the sessions leave the memory and the gateways are told, so that the passes die within seconds.
 * From the commit on nothing is taken in these sessions, whenever the gateways hear of it.
 */
export async function closeSessionsOfDevice(
  tx: Transaction,
  closing: { readonly deviceId: number; readonly reason: ClosingReason },
  ports: ClosingPorts,
): Promise<void> {
  const { rows } = await tx.query(
    `UPDATE sessions SET closed_at = $2, closed_reason = $3, sealed = NULL
     WHERE device_id = $1 AND closed_at IS NULL RETURNING sid, gateway`,
    [closing.deviceId, ports.clock.now(), closing.reason],
  );
  await cleanUp(tx, { rows, reason: closing.reason }, ports);
}

/** Closes one session, as {@link closeSessionsOfDevice} does. */
export async function closeSession(
  tx: Transaction,
  closing: { readonly sid: Uint8Array; readonly reason: ClosingReason },
  ports: ClosingPorts,
): Promise<void> {
  const { rows } = await tx.query(
    `UPDATE sessions SET closed_at = $2, closed_reason = $3, sealed = NULL
     WHERE sid = $1 AND closed_at IS NULL RETURNING sid, gateway`,
    [closing.sid, ports.clock.now(), closing.reason],
  );
  await cleanUp(tx, { rows, reason: closing.reason }, ports);
}

/**
 * Closes every session there is and erases its keys, before any process serves one of them. Gateways are told when they connect,
 * other processes find it when they look around.
 *
 * @returns how many.
 */
export async function closeAllSessions(tx: Transaction, now: number): Promise<number> {
  const reason: ClosingReason = "server-changed";
  await tx.query("DELETE FROM session_seqs");
  await tx.query("DELETE FROM notice_sendings");
  const { count } = await tx.query(
    "UPDATE sessions SET closed_at = $1, closed_reason = $2, sealed = NULL WHERE closed_at IS NULL",
    [now, reason],
  );
  return count;
}

async function cleanUp(
  tx: Transaction,
  { rows, reason }: { readonly rows: readonly Row[]; readonly reason: ClosingReason },
  { live, link, pause }: ClosingPorts,
): Promise<void> {
  if (rows.length === 0) return;
  const closed = rows.map((row) => ({ sid: row.bytes("sid"), gateway: row.text("gateway") }));
  const sids = closed.map(({ sid }) => sid);
  await tx.query("DELETE FROM session_seqs WHERE sid = ANY($1::bytea[])", [sids]);
  await tx.query("DELETE FROM notice_sendings WHERE sid = ANY($1::bytea[])", [sids]);
  const tellGateways = (): void => {
    for (const { sid, gateway } of closed) link.closeSession(gateway, sid);
  };
  tx.afterCommit(() => {
    for (const { sid } of closed) live.forget(sid);
    // Not in this turn, in which the answers of the transaction leave.
    setImmediate(() => {
      if (ANSWERED.has(reason)) void pause(ANSWER_MS).then(tellGateways);
      else tellGateways();
    });
  });
}
