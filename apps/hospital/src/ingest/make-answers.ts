import type { Bytes } from "@siphms/cose";
import { encodeSigned, parseSigned, prepareSigning, type Typ } from "@siphms/messages";
import type { NodeCrypto, SignatureCrew } from "@siphms/node-crypto";
import { sealForDevice } from "../sessions/index.ts";
import type { AnswerPlan } from "./plan.ts";

/** An answer plan with its answer. */
export interface MadeAnswer {
  readonly plan: AnswerPlan;
  readonly signed: Bytes;
  /** The signed answer, sealed under the plan's seq. */
  readonly envelope: Bytes;
}

/** What making answers needs. */
export interface AnswerPorts {
  readonly crypto: NodeCrypto;
  readonly crew: Pick<SignatureCrew, "signAll">;
}

/**
 * Signs and seals the answers of a group. Their seqs count as used when the transaction that stores the sealed bytes
 * commits, and not before.
 *
 * All signatures are made together, on all cores. Answers that repeat another answer of the group come after it.
 */
export async function makeAnswers(
  plans: readonly AnswerPlan[],
  ports: AnswerPorts,
): Promise<readonly MadeAnswer[]> {
  const own = plans.filter(({ content }) => content.source !== "group");
  const repeated = plans.filter(({ content }) => content.source === "group");
  const first = await makeAll(own, ports);
  const second = repeated.length === 0 ? [] : await makeAll(repeated, ports);
  return [...first, ...second];
}

async function makeAll(
  plans: readonly AnswerPlan[],
  { crypto, crew }: AnswerPorts,
): Promise<readonly MadeAnswer[]> {
  const sources = plans.map(sourceOf);
  const unsigned = sources.filter((source) => source.kind === "sign");
  const signatures = await crew.signAll(
    unsigned.map(({ plan, message }) => ({
      key: plan.locked.session.hospital.key,
      data: message.text,
    })),
  );
  const made = new Map(
    unsigned.map(({ plan, message }, index) => {
      const signature = signatures[index];
      return [plan, signature === undefined ? undefined : encodeSigned(message, signature)];
    }),
  );
  return sources.map((source) => {
    const { plan } = source;
    const signed = source.kind === "copy" ? source.signed : made.get(plan);
    if (signed === undefined) throw new TypeError("plan: an answer that was not signed");
    const envelope = sealForDevice(plan.locked.session, { seq: plan.downSeq, signed }, crypto);
    plan.signed = signed;
    plan.envelope = envelope;
    return { plan, signed, envelope };
  });
}

/** Where the signed bytes of an answer come from: they are there already, or are to be signed now. */
type Source =
  | { readonly kind: "copy"; readonly plan: AnswerPlan; readonly signed: Bytes }
  | {
      readonly kind: "sign";
      readonly plan: AnswerPlan;
      readonly message: ReturnType<typeof prepareSigning>;
    };

function sourceOf(plan: AnswerPlan): Source {
  const { content, locked } = plan;
  if (content.source === "new") return toSign(plan, content);
  const first = content.source === "stored" ? content.answer : firstAnswer(content.of);
  if (first.hospitalKey === locked.session.hospitalKey) {
    return { kind: "copy", plan, signed: first.signed };
  }
  // The same words under the key that the device knows in this session (protocol section 6).
  const { payload } = parseSigned(first.signed).sign1;
  return toSign(plan, { typ: first.typ, payload });
}

function toSign(
  plan: AnswerPlan,
  { typ, payload }: { readonly typ: Typ; readonly payload: Bytes },
): Source {
  const { hospital, device } = plan.locked.session;
  const message = prepareSigning({
    typ,
    payload,
    sender: hospital.credential,
    recipientThumbprint: device.thumbprint,
  });
  return { kind: "sign", plan, message };
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
