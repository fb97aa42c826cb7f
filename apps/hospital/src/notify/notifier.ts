import type { Level } from "@siphms/alerts";
import type { Clock } from "@siphms/server-kit";
import { canCare, listCareInForce, type CareDesk, type CareRelation } from "../access/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { listStaff } from "../staff/index.ts";
import { findReachable } from "./contact-rows.ts";
import { findPolicy, type EscalationStep } from "./escalation-rows.ts";
import type { NotifyWays } from "./outgoing.ts";
import type { AlertToTell, Notifier, SystemFault, Telling } from "./ports.ts";
import { raiseSystemAlert } from "./system-alert-rows.ts";
import {
  insertTellings,
  markShown,
  readTellings,
  wasTold,
  withdrawTellings,
  type NewTelling,
} from "./telling-rows.ts";

/** What telling needs of the rest. */
export interface NotifierPorts {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ways: NotifyWays;
  readonly beginCare: CareDesk["beginCareWithin"];
  /** Called after each commit that has queued something to deliver. */
  readonly onQueued: () => void;
}

/** Whoever an alert is handed on to has the patient in their care for so long. */
export const HANDED_ON_CARE_MS = 12 * 3_600_000;

const MINUTE_MS = 60_000;
/** How long an alert waits where the policy says nothing: after its last step, or without one. */
const DEFAULT_WAIT_MINUTES = { urgent: 10, warn: 60 } as const;
/** The hospital itself, as the audit log names what nobody in particular did. */
const ACTOR = "hospital";

/** Joins telling with its storage. */
export function createNotifier(ports: NotifierPorts): Notifier {
  const { clock, keyring, ways } = ports;
  return {
    onRaised: (tx, alert) => tellTeam(tx, alert, ports),
    escalate: (tx, alert, step) => handOn(tx, { alert, step }, ports),
    onAcknowledged: (tx, alertId) => withdrawTellings(tx, { alertId, at: clock.now() }),
    onSeen: (tx, alertIds, seen) => markShown(tx, alertIds, seen),
    tellingsOf: (queryable, alertIds) =>
      readTellings(queryable, alertIds, { keyring, webhookHost: ways.webhook?.host }),
    systemFault: (tx, fault) => noteSystemFault(tx, fault, clock.now()),
  };
}

/** Opens or counts a system alert, and notes in the audit log that one was opened. */
export async function noteSystemFault(
  tx: Transaction,
  fault: SystemFault,
  at: number,
): Promise<void> {
  const { id, count } = await raiseSystemAlert(tx, fault, at);
  if (count > 1) return;
  await appendAudit(tx, [
    {
      at,
      event: "system-alert.opened",
      actor: ACTOR,
      object: `system-alert:${String(id)}`,
      action: "create",
      outcome: "done",
      detail: { what: fault.what, reason: fault.reason },
    },
  ]);
}

async function tellTeam(
  tx: Transaction,
  alert: AlertToTell,
  ports: NotifierPorts,
): Promise<Telling> {
  const at = ports.clock.now();
  const inForce = await listCareInForce(tx, ports.keyring, { patientId: alert.patientId, now: at });
  const team = await ableOf(tx, new Set(inForce.map(({ staffId }) => staffId)), ports);
  const first = await readStep(tx, 1, ports);
  await tell(tx, { alert, step: 0, at, people: team }, ports);
  return telling(team, { step: 0, at, level: alert.level, next: first.step });
}

async function handOn(
  tx: Transaction,
  { alert, step }: { readonly alert: AlertToTell; readonly step: number },
  ports: NotifierPorts,
): Promise<Telling> {
  const at = ports.clock.now();
  const { step: named, next, ...policy } = await readStep(tx, step, ports);
  if (named === undefined) return nobodyLeft(tx, { alert, step, at, ...policy });
  const people = await ableOf(tx, new Set(named.staff), ports);
  await lendCare(tx, { people, patientId: alert.patientId, at }, ports);
  await tell(tx, { alert, step, at, people }, ports);
  return telling(people, { step, at, level: alert.level, next: next ?? named });
}

/** Tells administrators. The chain ends only where it had a step, and somebody was told: anything else is there to be mended. */
async function nobodyLeft(
  tx: Transaction,
  end: {
    readonly alert: AlertToTell;
    readonly step: number;
    readonly at: number;
    readonly isAltered: boolean;
    readonly isEmpty: boolean;
  },
): Promise<Telling> {
  const { alert, step, at, isAltered, isEmpty } = end;
  const reason = isAltered ? "escalation-altered" : await reasonOfNobody(tx, alert.id);
  await noteSystemFault(tx, { what: "nobody-to-tell", reason }, at);
  if (!isEmpty && reason === "not-acknowledged") return { people: 0, step, nextStepAt: null };
  return { people: 0, step: 0, nextStepAt: at + DEFAULT_WAIT_MINUTES[alert.level] * MINUTE_MS };
}

async function reasonOfNobody(tx: Transaction, alertId: number): Promise<string> {
  return (await wasTold(tx, alertId)) ? "not-acknowledged" : "nobody-named";
}

/** Where nobody could be told, the next one is not kept waiting. */
function telling(
  people: readonly number[],
  then: {
    readonly step: number;
    readonly at: number;
    readonly level: Level;
    readonly next: EscalationStep | undefined;
  },
): Telling {
  const { step, at, level, next } = then;
  if (people.length === 0) return { people: 0, step, nextStepAt: at };
  return { people: people.length, step, nextStepAt: at + waitMinutes(level, next) * MINUTE_MS };
}

function waitMinutes(level: Level, step: EscalationStep | undefined): number {
  if (step === undefined) return DEFAULT_WAIT_MINUTES[level];
  return level === "urgent" ? step.urgentAfterMinutes : step.warnAfterMinutes;
}

/** A step of the policy and the one after it; none of an altered policy. */
async function readStep(
  tx: Transaction,
  step: number,
  { keyring }: NotifierPorts,
): Promise<{
  readonly step: EscalationStep | undefined;
  readonly next: EscalationStep | undefined;
  readonly isAltered: boolean;
  readonly isEmpty: boolean;
}> {
  const policy = await findPolicy(tx, keyring);
  const steps = policy.kind === "set" ? policy.row.steps : [];
  return {
    step: steps[step - 1],
    next: steps[step],
    isAltered: policy.kind === "altered",
    isEmpty: steps.length === 0,
  };
}

/** Those of these people who can look after a patient now. */
async function ableOf(
  tx: Transaction,
  staffIds: ReadonlySet<number>,
  { keyring }: NotifierPorts,
): Promise<readonly number[]> {
  if (staffIds.size === 0) return [];
  const staff = await listStaff(tx, keyring);
  return staff.filter((one) => staffIds.has(one.id) && canCare(one)).map(({ id }) => id);
}

/** Nobody can act on what they cannot see. Who has the patient in their care for as long already is given nothing more. */
async function lendCare(
  tx: Transaction,
  lent: { readonly people: readonly number[]; readonly patientId: string; readonly at: number },
  { keyring, beginCare }: NotifierPorts,
): Promise<void> {
  const { people, patientId, at } = lent;
  const until = at + HANDED_ON_CARE_MS;
  const inForce = await listCareInForce(tx, keyring, { patientId, now: at });
  const covers = ({ endsAt }: CareRelation): boolean => endsAt === null || endsAt >= until;
  const covered = new Set(inForce.filter(covers).map(({ staffId }) => staffId));
  for (const staffId of people) {
    if (covered.has(staffId)) continue;
    await beginCare(tx, { staffId, patientId, until }, ACTOR);
  }
}

/** Queues the console for each of these people, e-mail where they want it, and the webhook once. */
async function tell(
  tx: Transaction,
  told: {
    readonly alert: AlertToTell;
    readonly step: number;
    readonly at: number;
    readonly people: readonly number[];
  },
  { keyring, ways, onQueued }: NotifierPorts,
): Promise<void> {
  const { people } = told;
  const reachable =
    ways.email === undefined ? new Set<number>() : await findReachable(tx, keyring, people);
  const tellings: NewTelling[] = people.map((staffId) => ({ way: "console", staffId }));
  for (const staffId of people.filter((id) => reachable.has(id))) {
    tellings.push({ way: "email", staffId });
  }
  // Also where nobody else could be told: whoever reads it there may be the only one.
  if (ways.webhook !== undefined) tellings.push({ way: "webhook", staffId: null });
  await insertTellings(tx, tellings, told);
  tx.afterCommit(onQueued);
}
