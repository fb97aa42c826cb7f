import { toHex, type Bytes } from "@siphms/cose";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { InboundEnvelope } from "./ports.ts";
import type { NoAnswerReason } from "./refusal.ts";

/** An envelope that gets no answer. */
export interface RefusedEnvelope {
  readonly inbound: InboundEnvelope;
  /** SHA-256 of its bytes. */
  readonly hash: Bytes;
  readonly reason: NoAnswerReason;
  /** Whether there is such a session. */
  readonly isKnownSession: boolean;
}

/** Different envelopes whose bytes are kept for one session. Those of unknown sessions count as one session. */
const MAX_KEPT = 100;
const MAX_KEPT_UNKNOWN = 1000;
/** Stands for all envelopes beyond the limit. */
const OVERFLOW: Bytes = new Uint8Array(32);
/** Stands for bytes that are not kept. */
const NOTHING: Bytes = new Uint8Array();
/** Stands for all sessions that we do not know: their sids are whatever the gateway wrote. */
const UNKNOWN_SID: Bytes = new Uint8Array(16);

interface RefusedRow {
  readonly sid: Bytes;
  readonly reason: NoAnswerReason;
  readonly hash: Bytes;
  readonly body: Bytes | undefined;
  readonly at: number;
  count: number;
}

/**
 * Keeps envelopes as they came, with the reason, and counts them. The same one again only counts.
 *
 * Beyond a limit for each session the bytes are not kept: whoever floods us must not fill the disk.
 */
export async function storeRefused(
  tx: Transaction,
  refused: readonly RefusedEnvelope[],
  keyring: Keyring,
): Promise<void> {
  if (refused.length === 0) return;
  const room = await readRoom(tx, refused);
  // In one order everywhere, so that two transactions never wait for each other.
  const rows = [...countUp(refused, room)].sort(byKey).map(([, row]) => row);
  await tx.query(
    `INSERT INTO refused (sid, reason, envelope_hash, count, first_at, last_at, sealed)
     SELECT sid, reason, hash, count, at, at, NULLIF(sealed, ''::bytea)
     FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bytea[])
       AS w (sid, reason, hash, count, at, sealed)
     ON CONFLICT (sid, reason, envelope_hash)
     DO UPDATE SET count = refused.count + EXCLUDED.count, last_at = greatest(refused.last_at, EXCLUDED.last_at)`,
    [
      rows.map(({ sid }) => sid),
      rows.map(({ reason }) => reason),
      rows.map(({ hash }) => hash),
      rows.map(({ count }) => count),
      rows.map(({ at }) => at),
      rows.map(({ hash, body }) =>
        body === undefined ? NOTHING : keyring.sealCell(refusedCell(hash), body),
      ),
    ],
  );
}

/** The cell of a refused envelope's bytes: its hash stands for the row, which is numbered only when it is written. */
function refusedCell(hash: Uint8Array) {
  return { table: "refused", column: "sealed", row: toHex(hash) };
}

/** How many more envelopes may be kept, by hexadecimal sid. */
async function readRoom(
  tx: Transaction,
  refused: readonly RefusedEnvelope[],
): Promise<Map<string, number>> {
  const sids = new Map(refused.map((one) => [toHex(sidOf(one)), sidOf(one)]));
  const { rows } = await tx.query(
    `SELECT w.sid, count(r.sid) AS kept FROM unnest($1::bytea[]) AS w (sid)
     LEFT JOIN LATERAL (SELECT sid FROM refused WHERE sid = w.sid LIMIT ${MAX_KEPT_UNKNOWN}) r ON true
     GROUP BY w.sid`,
    [[...sids.values()]],
  );
  const unknown = toHex(UNKNOWN_SID);
  return new Map(
    rows.map((row) => {
      const sid = toHex(row.bytes("sid"));
      return [sid, (sid === unknown ? MAX_KEPT_UNKNOWN : MAX_KEPT) - row.number("kept")];
    }),
  );
}

function countUp(
  refused: readonly RefusedEnvelope[],
  room: Map<string, number>,
): Map<string, RefusedRow> {
  const rows = new Map<string, RefusedRow>();
  const count = (key: string, create: () => RefusedRow): void => {
    const row = rows.get(key);
    if (row === undefined) rows.set(key, create());
    else row.count += 1;
  };
  for (const one of refused) {
    const { inbound, reason, hash } = one;
    const sid = sidOf(one);
    const place = `${toHex(sid)}/${reason}/`;
    const common = { sid, reason, at: inbound.receivedAt, count: 1 };
    const left = room.get(toHex(sid)) ?? 0;
    if (left <= 0 && !rows.has(place + toHex(hash))) {
      count(place, () => ({ ...common, hash: OVERFLOW, body: undefined }));
      continue;
    }
    count(place + toHex(hash), () => {
      room.set(toHex(sid), left - 1);
      return { ...common, hash, body: inbound.body };
    });
  }
  return rows;
}

function byKey([a]: readonly [string, RefusedRow], [b]: readonly [string, RefusedRow]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sidOf({ inbound, isKnownSession }: RefusedEnvelope): Bytes {
  return isKnownSession ? inbound.sid : UNKNOWN_SID;
}
