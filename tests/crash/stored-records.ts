import type { ApiSample } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { Client } from "pg";
import { signIn } from "../../apps/cli/src/demo/console-client.ts";
import { addDoctorOfAll } from "../../apps/cli/src/installation/doctor-of-all.ts";
import type { ApartInstallation } from "./apart-installation.ts";
import type { HospitalRecords, StoredMessage, StoredSample, UsedNumber } from "./check-history.ts";

/**
 * Reads what the hospital holds of some devices: samples as a doctor sees them, through the console's API, which opens
 * the signed bytes; rows of messages, numbers and refused envelopes from the database.
 *
 * @param devices - kids, base64url.
 * @param patients - The hospital's ids of their patients.
 */
export async function readRecords(
  installation: ApartInstallation,
  devices: readonly string[],
  patients: readonly string[],
): Promise<HospitalRecords> {
  const samples = await readSamples(installation, patients);
  const database = new Client({ connectionString: installation.postgres.url });
  await database.connect();
  try {
    const kids = devices.map((kid) => Buffer.from(kid, "base64url"));
    const rows = async <Row>(text: string, ...values: unknown[]): Promise<readonly Row[]> =>
      (await database.query(text, [kids, ...values])).rows as Row[];
    const messages = await rows<MessageRow>(
      `SELECT d.kid, b.patient_id, b.message_id, b.name, b.outcome, b.samples
       FROM batches b JOIN devices d ON d.id = b.device_id
       WHERE d.kid = ANY($1) OR b.patient_id = ANY($2)`,
      patients,
    );
    const numbers = await rows<NumberRow>(
      `SELECT d.kid, q.sid, q.seq, q.envelope_hash FROM session_seqs q
       JOIN sessions s ON s.sid = q.sid JOIN devices d ON d.id = s.device_id WHERE d.kid = ANY($1)`,
    );
    const refused = await rows<RefusedRow>(
      `SELECT d.kid, r.sid, r.reason FROM refused r
       LEFT JOIN sessions s ON s.sid = r.sid LEFT JOIN devices d ON d.id = s.device_id
       WHERE d.kid = ANY($1) OR d.kid IS NULL`,
    );
    return {
      samples,
      messages: messages.map(messageOf),
      numbers: numbers.map(numberOf),
      refused: refused.map(({ kid, sid, reason }) => {
        return {
          device: kid === null ? "unknown" : toBase64Url(kid),
          sid: toBase64Url(sid),
          reason,
        };
      }),
    };
  } finally {
    await database.end();
  }
}

interface MessageRow {
  readonly kid: Buffer;
  readonly patient_id: string;
  readonly message_id: Buffer;
  readonly name: Buffer;
  readonly outcome: number;
  readonly samples: number;
}

interface NumberRow {
  readonly kid: Buffer;
  readonly sid: Buffer;
  readonly seq: number;
  readonly envelope_hash: Buffer;
}

interface RefusedRow {
  /** Absent where the session is none of the hospital's. */
  readonly kid: Buffer | null;
  readonly sid: Buffer;
  readonly reason: string;
}

function messageOf(row: MessageRow): StoredMessage {
  return {
    device: toBase64Url(row.kid),
    patient: row.patient_id,
    id: toBase64Url(row.message_id),
    name: toBase64Url(row.name),
    outcome: row.outcome,
    samples: row.samples,
  };
}

function numberOf(row: NumberRow): UsedNumber {
  return {
    device: toBase64Url(row.kid),
    sid: toBase64Url(row.sid),
    seq: row.seq,
    hash: toBase64Url(row.envelope_hash),
  };
}

async function readSamples(
  installation: ApartInstallation,
  patients: readonly string[],
): Promise<readonly StoredSample[]> {
  const { link } = await addDoctorOfAll(installation.operator, "Crash Checker");
  const console = await signIn(link);
  try {
    const samples: StoredSample[] = [];
    for (const patient of patients) {
      for await (const sample of console.readings(patient)) samples.push(sampleOf(patient, sample));
    }
    return samples;
  } finally {
    await console.close();
  }
}

function sampleOf(patient: string, sample: ApiSample): StoredSample {
  const { device, messageId, kind, at, value, state, reason } = sample;
  const quarantine = state === "quarantined" ? { quarantine: reason ?? "unknown" } : {};
  return { patient, device, id: messageId, kind, at, value, ...quarantine };
}
