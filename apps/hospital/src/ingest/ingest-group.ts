import { toHex } from "@siphms/cose";
import type { Receipt } from "@siphms/messages";
import type { NodeCrypto, SignatureCrew } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfDevice, type AuditEntry } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { ClosingReason } from "../sessions/index.ts";
import type { Contacts } from "./contacts.ts";
import { decide, type DecidePorts } from "./decide.ts";
import { readGroupState, type GroupState, type GroupStatePorts } from "./group-state.ts";
import { quarantinedCount } from "./judge-readings.ts";
import { makeAnswers, type MadeAnswer } from "./make-answers.ts";
import type { OpenedEnvelope, UnansweredEnvelope } from "./open-envelope.ts";
import type { AnswerPlan, BatchRecord, Plan, RequestRecord } from "./plan.ts";
import type { AnswerRequest, IngestOutcome, StoredEvent } from "./ports.ts";
import {
  storeBatches,
  storeDownSeqs,
  storeQuarantine,
  storeRequests,
  storeSeqs,
  type Recorded,
} from "./store-group.ts";
import { storeRefused, type RefusedEnvelope } from "./store-refused.ts";

/** What storing a group needs. */
export interface GroupPorts extends GroupStatePorts {
  readonly crypto: NodeCrypto;
  readonly crew: SignatureCrew;
  readonly clock: Clock;
  readonly contacts: Contacts;
  readonly answerRequest: AnswerRequest;
  readonly auditHead: () => Receipt["audit"];
  readonly closeSessionsOfDevice: (
    tx: Transaction,
    deviceId: number,
    reason: ClosingReason,
  ) => Promise<void>;
  readonly closeSession: (tx: Transaction, sid: Uint8Array, reason: ClosingReason) => Promise<void>;
}

/** What came of a group, in its order; true once its transaction is committed. */
export interface GroupResult {
  readonly outcomes: readonly IngestOutcome[];
  readonly stored: readonly StoredEvent[];
}

/**
 * Deals with a group of envelopes in one transaction: decides, writes and answers all of them with a few statements.
 *
 * Nothing of it may leave before the transaction has committed.
 */
export async function ingestGroup(
  tx: Transaction,
  group: readonly (OpenedEnvelope | UnansweredEnvelope)[],
  ports: GroupPorts,
): Promise<GroupResult> {
  const now = ports.clock.now();
  const opened = group.filter((item) => item.kind === "opened");
  const endings = new Map<number, ClosingReason>();
  const state = await readGroupState(tx, opened, ports);
  const plans = new Map<OpenedEnvelope, Plan>();
  const deciding: DecidePorts = {
    now,
    auditHead: ports.auditHead(),
    answerRequest: async (request, { session, device }) => {
      const answer = await ports.answerRequest(tx, request, { session, device, now });
      if (answer.ends !== undefined) endings.set(answer.ends.deviceId, answer.ends.reason);
      return answer;
    },
  };
  for (const item of opened) {
    const plan = decide(item, state, deciding);
    plans.set(item, plan instanceof Promise ? await plan : plan);
  }
  const answers = await makeAnswers(
    [...plans.values()].filter((plan) => plan.kind === "answer"),
    ports,
  );
  const refused = group.flatMap((item) => describeRefused(item, plans) ?? []);
  await store(tx, { state, answers, refused, now }, ports);
  await appendAudit(tx, [
    ...answers.flatMap(({ plan }) => describeAnswer(plan, now) ?? []),
    ...alarmsOf(plans, now),
  ]);
  await end(tx, { endings, plans }, ports);
  return {
    outcomes: group.map((item) => outcomeOf(item, plans)),
    stored: answers.flatMap(({ plan }) => storedEvent(plan) ?? []),
  };
}

async function store(
  tx: Transaction,
  work: {
    readonly state: GroupState;
    readonly answers: readonly MadeAnswer[];
    readonly refused: readonly RefusedEnvelope[];
    readonly now: number;
  },
  ports: GroupPorts,
): Promise<void> {
  const { state, answers, refused, now } = work;
  if (answers.length > 0) {
    const batches = recorded(answers, isBatch);
    await storeBatches(tx, batches, state.ciphers);
    await storeQuarantine(tx, batches);
    await storeRequests(tx, { requests: recorded(answers, isRequest), now }, state.ciphers);
    await storeSeqs(tx, answers);
    await storeDownSeqs(tx, [...state.sessions.values()]);
    await ports.contacts.store(tx, {
      deviceIds: answers.map(({ plan }) => plan.locked.device.id),
      now,
    });
  }
  await storeRefused(tx, refused, ports.keyring);
}

/** Last, so that the answers which end a session are stored and leave before its pass dies. */
async function end(
  tx: Transaction,
  work: {
    readonly endings: ReadonlyMap<number, ClosingReason>;
    readonly plans: ReadonlyMap<OpenedEnvelope, Plan>;
  },
  ports: GroupPorts,
): Promise<void> {
  for (const [deviceId, reason] of work.endings) {
    await ports.closeSessionsOfDevice(tx, deviceId, reason);
  }
  for (const [{ session }, plan] of work.plans) {
    if (plan.kind === "no-answer" && plan.reason === "seq-used-up") {
      await ports.closeSession(tx, session.sid, "sequence-used-up");
    }
  }
}

function describeRefused(
  item: OpenedEnvelope | UnansweredEnvelope,
  plans: ReadonlyMap<OpenedEnvelope, Plan>,
): RefusedEnvelope | undefined {
  if (item.kind === "unanswered") return item;
  const plan = plans.get(item);
  if (plan?.kind !== "no-answer") return undefined;
  const { inbound, hash } = item;
  return { inbound, hash, reason: plan.reason, isKnownSession: true };
}

function outcomeOf(
  item: OpenedEnvelope | UnansweredEnvelope,
  plans: ReadonlyMap<OpenedEnvelope, Plan>,
): IngestOutcome {
  const plan = item.kind === "opened" ? plans.get(item) : undefined;
  if (plan === undefined || plan.kind === "no-answer") return { kind: "no-answer" };
  const first = plan.kind === "repeat" ? plan.of : plan;
  const envelope = first instanceof Uint8Array ? first : first.envelope;
  if (envelope === undefined) throw new TypeError("plan: an answer that was not made");
  return { kind: "answer", envelope };
}

function storedEvent({ opened, record, locked }: AnswerPlan): StoredEvent | undefined {
  if (record?.kind !== "batch" || record.judged === undefined) return undefined;
  const { judged } = record;
  return {
    patientId: locked.session.patientId,
    deviceId: locked.device.id,
    kid: locked.device.kid,
    messageId: opened.messageId,
    receivedAt: opened.inbound.receivedAt,
    newest: judged.newest,
    sampleCount: judged.sampleCount,
    quarantinedSamples: quarantinedCount(judged),
    samples: judged.samples,
  };
}

function describeAnswer(plan: AnswerPlan, now: number): AuditEntry | undefined {
  const { record, opened, locked } = plan;
  if (record === undefined) return undefined;
  const common = {
    at: now,
    actor: auditNameOfDevice(locked.device.kid),
    subject: locked.session.patientId,
    object: toHex(opened.messageId),
  };
  if (record.kind === "request") {
    const outcome = record.error === 0 ? "done" : "refused";
    const detail = { method: knownMethod(record.method), error: record.error };
    return { ...common, event: "request.answered", action: "execute", outcome, detail };
  }
  const outcome = record.judged === undefined ? "refused" : "done";
  const detail = detailOf(record);
  return { ...common, event: "readings.stored", action: "create", outcome, ...detail };
}

/** Nothing in the usual case: it says nothing that the stored row does not. */
function detailOf({ judged, reason = "" }: BatchRecord): Pick<AuditEntry, "detail"> {
  if (judged?.outcome === 0) return {};
  if (judged === undefined) return { detail: { outcome: 3, samples: 0, reason } };
  const { outcome, sampleCount } = judged;
  return { detail: { outcome, samples: sampleCount, reason: judged.reason ?? reason } };
}

/** A method's name is a text that a device chose: only short plain ones go into the log. */
function knownMethod(method: string): string {
  return /^[a-z-]{1,32}$/.test(method) ? method : "other";
}

/** What never happens by itself: the device's key or its software is in wrong hands, or a counter was set back. */
function alarmsOf(plans: ReadonlyMap<OpenedEnvelope, Plan>, now: number): readonly AuditEntry[] {
  return [...plans].flatMap(([opened, plan]) => {
    const alarm = plan.kind === "answer" ? plan.alarm : alarmOf(plan);
    if (alarm === undefined) return [];
    return [
      {
        at: now,
        event: "message.alarm",
        actor: auditNameOfDevice(opened.session.device.kid),
        subject: opened.session.patientId,
        object: toHex(opened.messageId),
        action: "execute",
        outcome: "refused",
        detail: { reason: alarm, alert: true },
      },
    ];
  });
}

function alarmOf(plan: Plan): string | undefined {
  return plan.kind === "no-answer" && plan.alarm ? plan.reason : undefined;
}

function recorded<Record extends BatchRecord | RequestRecord>(
  answers: readonly MadeAnswer[],
  isOfKind: (record: BatchRecord | RequestRecord) => record is Record,
): readonly Recorded<Record>[] {
  return answers.flatMap((answer) => {
    const { record } = answer.plan;
    return record !== undefined && isOfKind(record) ? [{ ...answer, record }] : [];
  });
}

function isBatch(record: BatchRecord | RequestRecord): record is BatchRecord {
  return record.kind === "batch";
}

function isRequest(record: BatchRecord | RequestRecord): record is RequestRecord {
  return record.kind === "request";
}
