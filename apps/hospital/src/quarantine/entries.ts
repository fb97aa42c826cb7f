import {
  MAX_QUARANTINE_ITEMS,
  type QuarantineEntries,
  type QuarantineEntry,
  type QuarantineQuery,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import { listDevicesOfPatient } from "../enrolment/index.ts";
import type { Keyring } from "../keys/index.ts";
import { clinicalTime, type Patient } from "../patients/index.ts";
import {
  describeDecided,
  keyOfMessage,
  listHeld,
  loadDecisions,
  type Decisions,
  type FoundMessage,
  type HeldName,
  type Records,
} from "../records/index.ts";
import { whyNot } from "./releasable.ts";

/** What reading the quarantine needs. */
export interface QuarantinePorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly records: Records;
}

/** Reads what stands in a patient's quarantine, or what was decided about it, with the values. */
export async function readEntries(
  patient: Patient,
  { state }: QuarantineQuery,
  ports: QuarantinePorts,
): Promise<QuarantineEntries> {
  const { database, keyring, clock, records } = ports;
  const decisions = await loadDecisions(database, keyring, patient.id);
  const wanted = {
    patientId: patient.id,
    isDecided: state === "decided",
    limit: MAX_QUARANTINE_ITEMS + 1,
  };
  const held = await listHeld(database, wanted, decisions);
  const listed = held.slice(0, MAX_QUARANTINE_ITEMS);
  const found = await records.messages(patient, listed);
  const messages = new Map(found.map((message) => [keyOfMessage(message.batch), message]));
  const devices = await listDevicesOfPatient(database, keyring, patient.id);
  const confirmed = new Set(
    devices.filter(({ confirmedAt }) => confirmedAt !== null).map(({ id }) => id),
  );
  const clinicalNow = clinicalTime(patient.demo, clock.now());
  const entries: QuarantineEntry[] = [];
  for (const row of listed) {
    const message = messages.get(keyOfMessage(row));
    // A row that names no message was not written by ingest: there is nothing to show.
    if (message === undefined) continue;
    const isConfirmed = confirmed.has(row.deviceId);
    entries.push(await describe(row, { message, decisions, isConfirmed, clinicalNow }));
  }
  return { entries, more: held.length > listed.length };
}

interface EntryContext {
  readonly message: FoundMessage;
  readonly decisions: Decisions;
  readonly isConfirmed: boolean;
  readonly clinicalNow: number;
}

async function describe(
  name: HeldName,
  { message, decisions, isConfirmed, clinicalNow }: EntryContext,
): Promise<QuarantineEntry> {
  const { batch } = message;
  const runs = message.runs.filter((run) => run.reason === name.reason);
  const row = decisions.of(batch)?.(name.reason);
  const decision = row === undefined ? {} : { decision: await decisions.describe(row) };
  const named = { device: toBase64Url(batch.kid), messageId: toBase64Url(batch.messageId) };
  const unreleasable = whyNot(runs, { isConfirmed, clinicalNow });
  return {
    ...named,
    reason: name.reason,
    received: batch.receivedAt,
    samples: runs.reduce((sum, { values }) => sum + values.length, 0),
    runs: await Promise.all(runs.map((run) => describeDecided(run, batch, decisions))),
    ...decision,
    ...(unreleasable === undefined ? {} : { unreleasable }),
  };
}
