import type {
  DecideQuarantine,
  QuarantineEntries,
  QuarantineQuery,
  Unreleasable,
} from "@siphms/api";
import { REASON_LENGTH } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { appendAudit } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { listDevicesOfPatient, type Device } from "../enrolment/index.ts";
import { clinicalTime, findPatient, type Patient } from "../patients/index.ts";
import {
  auditNameOfHeld,
  keyOfMessage,
  lockHeld,
  parseMessageId,
  storeDecision,
  type HeldName,
  type NewDecision,
} from "../records/index.ts";
import { markTouched } from "../summaries/index.ts";
import { readEntries, type QuarantinePorts } from "./entries.ts";
import { whyNot } from "./releasable.ts";

/** Under this event decisions stand in the audit log. */
export const DECIDED = "quarantine.decided";

/** What deciding came to; but for `decided` nothing has changed. */
export type DecideOutcome =
  | { readonly kind: "decided" }
  /** One of the items does not stand, and never stood, in this patient's quarantine. */
  | { readonly kind: "item-unknown" }
  | { readonly kind: "reason-short" }
  | { readonly kind: "unreleasable"; readonly why: Unreleasable };

/** Who decides about whose quarantine. */
export interface Decider {
  readonly patientId: string;
  /** As the audit log names them. */
  readonly actor: string;
}

/** What is kept of patients without being shown as a vital sign, and what doctors decide about it. */
export interface QuarantineDesk {
  /** What waits for a decision, or what was decided, with the values. */
  entries(patient: Patient, query: QuarantineQuery): Promise<QuarantineEntries>;
  /** Releases or rejects, all of the items or none. Signed messages and receipts stay as they are. */
  decide(wanted: DecideQuarantine, decider: Decider): Promise<DecideOutcome>;
}

/** What the desk needs of the rest. */
export interface QuarantineDeskPorts extends QuarantinePorts {
  /** Told after the commit. */
  readonly onDecided: (patientId: string) => void;
}

/** Joins the quarantine with its storage. */
export function createQuarantineDesk(ports: QuarantineDeskPorts): QuarantineDesk {
  return {
    entries: (patient, query) => readEntries(patient, query, ports),
    decide: (wanted, decider) => decide(wanted, decider, ports),
  };
}

interface Item extends HeldName {
  readonly device: Device;
}

async function decide(
  wanted: DecideQuarantine,
  { patientId, actor }: Decider,
  ports: QuarantineDeskPorts,
): Promise<DecideOutcome> {
  const { database, keyring, clock, records } = ports;
  const why = wanted.why.trim();
  if (why.length < REASON_LENGTH.min) return { kind: "reason-short" };
  const patient = await findPatient(database, keyring, patientId);
  const items = await findItems(patientId, wanted.items, ports);
  if (patient === undefined || items === undefined) return { kind: "item-unknown" };
  if (wanted.decision === "released") {
    const obstacle = await findObstacle(patient, items, ports);
    if (obstacle !== undefined) return { kind: "unreleasable", why: obstacle };
  }
  const decision = { patientId, kind: wanted.decision, decidedAt: clock.now(), decidedBy: actor };
  return database.withTransaction(async (tx): Promise<DecideOutcome> => {
    for (const item of items) {
      // The transaction ends without a word written: the first item is looked at before anything is.
      if (!(await lockHeld(tx, patientId, item))) return { kind: "item-unknown" };
    }
    await store(tx, { items, decision: { ...decision, why } }, ports);
    tx.afterCommit(() => {
      records.forget(patientId);
      ports.onDecided(patientId);
    });
    return { kind: "decided" };
  });
}

async function store(
  tx: Transaction,
  {
    items,
    decision,
  }: {
    readonly items: readonly Item[];
    readonly decision: Omit<NewDecision, keyof HeldName>;
  },
  { keyring }: QuarantineDeskPorts,
): Promise<void> {
  const { patientId, decidedAt, decidedBy, kind } = decision;
  const cipher = await keyring.patientCipher(tx, patientId);
  for (const { deviceId, messageId, reason } of items) {
    const name = { deviceId, messageId, reason };
    const row = await storeDecision(tx, { ...decision, ...name }, { keyring, cipher });
    await appendAudit(tx, [
      {
        at: decidedAt,
        event: DECIDED,
        actor: decidedBy,
        subject: patientId,
        object: auditNameOfHeld(name),
        version: row.version,
        action: "update",
        outcome: "done",
        // What was typed stands sealed in the row: an audit entry holds no text.
        detail: { decision: kind },
      },
    ]);
  }
  const messages = items.map(({ device, messageId }) => ({ kid: device.kid, messageId }));
  await markTouched(tx, messages, keyring);
}

/** The items by their rows' keys, each once, in the order in which all lock them; `undefined` where a device is not the patient's. */
async function findItems(
  patientId: string,
  wanted: DecideQuarantine["items"],
  { database, keyring }: QuarantineDeskPorts,
): Promise<readonly Item[] | undefined> {
  const devices = await listDevicesOfPatient(database, keyring, patientId);
  const byKid = new Map(devices.map((device) => [toBase64Url(device.kid), device]));
  const found = new Map<string, Item>();
  for (const { device: kid, messageId, reason } of wanted) {
    const device = byKid.get(kid);
    const bytes = parseMessageId(messageId);
    if (device === undefined || bytes === undefined) return undefined;
    const item = { deviceId: device.id, messageId: bytes, reason, device };
    found.set(auditNameOfHeld(item), item);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

async function findObstacle(
  patient: Patient,
  items: readonly Item[],
  { clock, records }: QuarantineDeskPorts,
): Promise<Unreleasable | undefined> {
  const clinicalNow = clinicalTime(patient.demo, clock.now());
  const found = await records.messages(patient, items);
  const messages = new Map(found.map((message) => [keyOfMessage(message.batch), message]));
  for (const item of items) {
    const isConfirmed = item.device.confirmedAt !== null;
    const message = messages.get(keyOfMessage(item));
    const runs = message?.runs.filter((run) => run.reason === item.reason) ?? [];
    const why = whyNot(runs, { isConfirmed, clinicalNow });
    if (why !== undefined) return why;
  }
  return undefined;
}
