import { equalBytes, type Bytes } from "@siphms/cose";
import {
  encodeReceipt,
  encodeResponse,
  MAX_SEQ,
  TYP,
  type ErrorCode,
  type Readings,
  type Receipt,
  type Request,
} from "@siphms/messages";
import { judgeReadings, type JudgedReadings } from "./judge-readings.ts";
import { messageKey, seqKey, type GroupState, type UsedMessageId } from "./group-state.ts";
import type { OpenedEnvelope, SignedContent } from "./open-envelope.ts";
import type { AnswerPlan, LockedSession, Plan } from "./plan.ts";
import type { RequestAnswer } from "./ports.ts";

/** What deciding needs besides the state. */
export interface DecidePorts {
  /** ms; the time at which the group is stored. */
  readonly now: number;
  readonly answerRequest: (request: Request, locked: LockedSession) => Promise<RequestAnswer>;
  /** The newest signed state of the audit log, which receipts name. */
  readonly auditHead: Receipt["audit"];
}

/** A response is kept this long, then only the fact that there was one. */
export const RESPONSE_LIFE_MS = 86_400_000;
/** A new request has to be this fresh. */
const REQUEST_TOLERANCE_MS = 600_000;

/**
 * Decides what happens with one opened envelope, by the table of protocol section 6, and adds what it uses up to the
 * state, so that the next envelope of the same group finds it.
 *
 * Only a new request is asynchronous: everything else returns at once, and a group does not wait for it.
 */
export function decide(
  opened: OpenedEnvelope,
  state: GroupState,
  ports: DecidePorts,
): Plan | Promise<Plan> {
  const locked = state.sessions.get(opened.session.id);
  if (locked === undefined || locked.isEnded) {
    return { kind: "no-answer", reason: "session-closed", alarm: false };
  }
  if (locked.device.state !== "pending" && locked.device.state !== "active") {
    return { kind: "no-answer", reason: "device-not-bound", alarm: false };
  }
  const usedSeq = state.seqs.get(seqKey(opened));
  if (usedSeq !== undefined) {
    return equalBytes(usedSeq.hash, opened.hash)
      ? { kind: "repeat", of: usedSeq.answer }
      : { kind: "no-answer", reason: "seq-reused", alarm: true };
  }
  if (locked.downSeq > MAX_SEQ) return { kind: "no-answer", reason: "seq-used-up", alarm: false };
  const item: Item = { opened, locked, state, ports };
  const used = state.messageIds.get(messageKey(locked.device.id, opened.messageId));
  if (used !== undefined) return take(item, answerAgain(item, used));
  const { content } = opened;
  switch (content.kind) {
    case "readings":
      return take(item, receiveReadings(item, content.readings));
    case "unreadable":
      return take(item, refuse(item, content));
    case "request":
      return decideRequest(item, content.request);
  }
}

function decideRequest(item: Item, request: Request): Plan | Promise<Plan> {
  const { method } = request;
  const early = earlyError(request, item);
  if (early !== undefined) return take(item, respondNew(item, method, early));
  return item.ports
    .answerRequest(request, item.locked)
    .then((answer) => take(item, respondTo(item, method, answer)));
}

interface Item {
  readonly opened: OpenedEnvelope;
  readonly locked: LockedSession;
  readonly state: GroupState;
  readonly ports: DecidePorts;
}

type Decision = Pick<AnswerPlan, "content" | "record" | "alarm"> & {
  /** The device that nothing more is taken of. */
  readonly ends?: number;
};

/** Makes the plan and notes the seq, and the message-id where it is new. */
function take({ opened, locked, state }: Item, { ends, ...decision }: Decision): AnswerPlan {
  const downSeq = locked.downSeq++;
  const plan: AnswerPlan = { kind: "answer", opened, locked, downSeq, ...decision };
  state.seqs.set(seqKey(opened), { hash: opened.hash, answer: plan });
  if (plan.record !== undefined) {
    const key = messageKey(locked.device.id, opened.messageId);
    state.messageIds.set(key, { name: opened.name, answer: plan });
  }
  if (ends !== undefined) {
    for (const other of state.sessions.values()) {
      if (other.device.id === ends) other.isEnded = true;
    }
  }
  return plan;
}

/** The message-id is known: the first answer again for the same message, a refusal for another one. */
function answerAgain(item: Item, used: UsedMessageId): Decision {
  const { opened, ports } = item;
  if (!equalBytes(used.name, opened.name)) {
    const content = isRequest(opened)
      ? response(item, { error: "refused", result: new Map() })
      : receipt(item, { outcome: 3, reason: "message-id-reused" });
    return { content, record: undefined, alarm: "message-id-reused" };
  }
  const again = { record: undefined, alarm: undefined };
  if (!("typ" in used.answer)) return { ...again, content: { source: "group", of: used.answer } };
  const { signed } = used.answer;
  const isGone = used.answeredAt !== undefined && ports.now - used.answeredAt > RESPONSE_LIFE_MS;
  if (signed === undefined || isGone) {
    return { ...again, content: response(item, { error: "gone", result: new Map() }) };
  }
  return { ...again, content: { source: "stored", answer: { ...used.answer, signed } } };
}

function receiveReadings(item: Item, readings: Readings): Decision {
  const { opened, locked, state } = item;
  const facts = state.patients.get(locked.session.patientId);
  const judged = judgeReadings(readings, {
    binding: locked.device.state === "active" ? "active" : "pending",
    enrolledAt: locked.device.enrolledAt,
    receivedAt: opened.inbound.receivedAt,
    demo: facts?.demo ?? null,
  });
  return {
    content: receipt(item, describe(judged, facts?.informed ?? [])),
    record: { kind: "batch", judged },
    alarm: undefined,
  };
}

/** The message-id is used up all the same: a corrected item takes a new one. */
function refuse(item: Item, { reason, isRequest }: Unreadable): Decision {
  if (isRequest) return respondNew(item, "", "bad-parameters");
  return {
    content: receipt(item, { outcome: 3, reason }),
    record: { kind: "batch", judged: undefined, reason },
    alarm: undefined,
  };
}

type Unreadable = Extract<SignedContent, { kind: "unreadable" }>;

function isRequest({ content }: OpenedEnvelope): boolean {
  return content.kind === "request" || (content.kind === "unreadable" && content.isRequest);
}

type ReceiptBody = Pick<Receipt, "outcome" | "quarantined" | "reason" | "informed">;

function describe(judged: JudgedReadings, informed: readonly string[]): ReceiptBody {
  const { outcome, reason, quarantined } = judged;
  // What stands in quarantine is on nobody's list; and to a pending device nothing of the patient is told.
  const isShown = outcome !== 2 && informed.length > 0;
  return {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(quarantined.length === 0 ? {} : { quarantined }),
    ...(isShown ? { informed } : {}),
  };
}

/** Which requests are answered without asking anybody, in the protocol's order. */
function earlyError(request: Request, { locked, ports }: Item): ErrorCode | undefined {
  if (Math.abs(ports.now - request.created) > REQUEST_TOLERANCE_MS) return "stale";
  if (locked.device.state === "pending" && request.method !== "confirm") return "pending";
  return undefined;
}

function respondNew(item: Item, method: string, error: ErrorCode): Decision {
  return respondTo(item, method, { error, result: new Map() });
}

function respondTo(item: Item, method: string, answer: RequestAnswer): Decision {
  const { error, ends } = answer;
  return {
    content: response(item, answer),
    record: { kind: "request", method, error },
    alarm: ends?.reason === "confirmation-failed" ? "confirmation-failed" : undefined,
    ...(ends === undefined ? {} : { ends: ends.deviceId }),
  };
}

function receipt({ opened, ports }: Item, body: ReceiptBody): AnswerPlan["content"] {
  const { messageId, name, inbound } = opened;
  const times = { received: inbound.receivedAt, stored: ports.now };
  const audit = ports.auditHead && { audit: ports.auditHead };
  const payload: Bytes = encodeReceipt({ messageId, name, ...times, ...body, ...audit });
  return { source: "new", typ: TYP.receipt, payload };
}

function response({ opened }: Item, { error, result }: RequestAnswer): AnswerPlan["content"] {
  const payload = encodeResponse({ requestId: opened.messageId, error, result });
  return { source: "new", typ: TYP.response, payload };
}
