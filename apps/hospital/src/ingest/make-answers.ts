import type { Bytes } from "@siphms/cose";
import { parseSigned, type Typ } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import { sealForDevice, signForDevice } from "../sessions/index.ts";
import type { AnswerPlan } from "./plan.ts";

/** An answer plan with its answer. */
export interface MadeAnswer {
  readonly plan: AnswerPlan;
  readonly signed: Bytes;
  /** The signed answer, sealed under the plan's seq. */
  readonly envelope: Bytes;
}

/**
 * Signs and seals the answers of a group. Their seqs count as used when the transaction that stores the sealed bytes
 * commits, and not before.
 *
 * Signing runs in the thread pool. Answers that repeat another answer of the group come after it.
 */
export async function makeAnswers(
  plans: readonly AnswerPlan[],
  crypto: NodeCrypto,
): Promise<readonly MadeAnswer[]> {
  const own = plans.filter(({ content }) => content.source !== "group");
  const repeated = plans.filter(({ content }) => content.source === "group");
  const first = await Promise.all(own.map((plan) => makeAnswer(plan, crypto)));
  const second = await Promise.all(repeated.map((plan) => makeAnswer(plan, crypto)));
  return [...first, ...second];
}

async function makeAnswer(plan: AnswerPlan, crypto: NodeCrypto): Promise<MadeAnswer> {
  const { session } = plan.locked;
  const signed = await signAnswer(plan, crypto);
  const envelope = await sealForDevice(session, { seq: plan.downSeq, signed }, crypto);
  plan.signed = signed;
  plan.envelope = envelope;
  return { plan, signed, envelope };
}

async function signAnswer(plan: AnswerPlan, crypto: NodeCrypto): Promise<Bytes> {
  const { content, locked } = plan;
  if (content.source === "new") return signForDevice(locked.session, content, crypto);
  const first = content.source === "stored" ? content.answer : firstAnswer(content.of);
  if (first.hospitalKey === locked.session.hospitalKey) return first.signed;
  // The same words under the key that the device knows in this session (protocol section 6).
  const { payload } = parseSigned(first.signed).sign1;
  return signForDevice(locked.session, { typ: first.typ, payload }, crypto);
}

function firstAnswer({ content, locked, signed }: AnswerPlan): {
  readonly typ: Typ;
  readonly signed: Bytes;
  readonly hospitalKey: number;
} {
  if (content.source !== "new" || signed === undefined) {
    throw new TypeError("plan: repeats an answer that is not made");
  }
  return { typ: content.typ, signed, hospitalKey: locked.session.hospitalKey };
}
