import { toHex } from "@siphms/cose";
import type { Database, Row } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { BATCH_COLUMNS, openBatch, readBatch } from "../records/index.ts";
import { faultOf } from "./fault-of.ts";
import type { Finding, Sweep } from "./sweep.ts";

interface Ports {
  readonly database: Database;
  readonly keyring: Keyring;
}

/** Messages that are opened of the newest, and as many of the older ones; all of them would take hours. */
const MAX_BATCHES = 2000;
const BATCH_PAGE = 100;
const CHECK = "batches";

/**
 * Opens the newest messages of each device, and as many older ones behind a time that is drawn anew for each device and each
 * check: nobody who alters one knows when it is looked at. The devices share the number; of more devices than that, some are
 * drawn. By device, because that is how messages are found without reading all of them.
 */
export async function sweepBatches(ports: Ports, now: number, most = MAX_BATCHES): Promise<Sweep> {
  const findings: Finding[] = [];
  const chosen = await chooseBatches(ports.database, now, most);
  let swept = 0;
  for (let from = 0; from < chosen.length; from += BATCH_PAGE) {
    for (const row of await readBatches(ports.database, chosen.slice(from, from + BATCH_PAGE))) {
      const fault = await faultOf(() => openRow(row, ports));
      const subject = `${toHex(row.bytes("kid"))}/${toHex(row.bytes("message_id"))}`;
      if (fault !== undefined) findings.push({ check: CHECK, subject, detail: fault });
      swept += 1;
    }
  }
  return { check: CHECK, swept, findings };
}

async function chooseBatches(
  database: Database,
  now: number,
  most: number,
): Promise<readonly Row[]> {
  const { rows } = await database.query(
    // A message's id begins with the time of its signing, ms in 6 bytes.
    `WITH chosen AS (
       SELECT id, substring(int8send((enrolled_at + random() * greatest(0, $2 - enrolled_at))::bigint) FROM 3) AS point
       FROM devices ORDER BY random() LIMIT $1::bigint),
     share AS (SELECT greatest(1, $1::bigint / greatest(1, count(*))) AS n FROM chosen)
     SELECT b.device_id, b.message_id FROM chosen d, share, LATERAL (
       (SELECT device_id, message_id FROM batches WHERE device_id = d.id
        ORDER BY message_id DESC LIMIT share.n)
       UNION
       (SELECT device_id, message_id FROM batches WHERE device_id = d.id AND message_id < d.point
        ORDER BY message_id DESC LIMIT share.n)) b`,
    [most, now],
  );
  return rows;
}

async function readBatches(database: Database, chosen: readonly Row[]): Promise<readonly Row[]> {
  const { rows } = await database.query(
    `SELECT b.patient_id, ${BATCH_COLUMNS}
     FROM unnest($1::bigint[], $2::bytea[]) AS c (device_id, message_id)
       JOIN batches b ON b.device_id = c.device_id AND b.message_id = c.message_id
       JOIN devices d ON d.id = b.device_id
     WHERE b.outcome < 3`,
    [chosen.map((row) => row.number("device_id")), chosen.map((row) => row.bytes("message_id"))],
  );
  return rows;
}

async function openRow(row: Row, { database, keyring }: Ports): Promise<void> {
  const cipher = await keyring.patientCipher(database, row.text("patient_id"));
  openBatch(readBatch(row), { cipher, demo: null });
}
