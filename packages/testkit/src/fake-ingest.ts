import { equalBytes, toHex, type Bytes, type Crypto } from "@siphms/cose";
import type { Clock } from "@siphms/device";
import {
  commitment,
  confirmationCode,
  encodeReceipt,
  encodeResponse,
  METHODS,
  openEnvelope,
  parseReadings,
  parseRequest,
  TYP,
  verifySigned,
  type Receipt,
  type Request,
  type Response,
  type Typ,
  type VerifiedSigned,
} from "@siphms/messages";
import type {
  FakeHospitalBehaviour,
  FakeHospitalKey,
  FakeSession,
  FakeStoredItem,
} from "./fake-hospital-types.ts";

/** What {@link FakeIngest} has of its hospital. */
export interface FakeIngestContext {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly behaviour: FakeHospitalBehaviour;
  readonly keys: () => readonly FakeHospitalKey[];
  readonly seal: (session: FakeSession, message: { typ: Typ; payload: Bytes }) => Promise<Bytes>;
}

/** The part of a fake hospital that answers envelopes: protocol section 6 as far as a device can see it. */
export class FakeIngest {
  readonly stored: FakeStoredItem[] = [];
  /** Requests that were carried out, in their order. */
  readonly requests: Request[] = [];
  /** How often an envelope came under a sequence number that was used for other bytes. */
  seqReuses = 0;
  readonly #context: FakeIngestContext;
  readonly #answered = new Map<string, { name: string; typ: Typ; payload: Bytes }>();

  constructor(context: FakeIngestContext) {
    this.#context = context;
  }

  /** The sealed answer; throws where there is none. */
  async answer(session: FakeSession, bytes: Bytes): Promise<Bytes | undefined> {
    if (this.#context.behaviour.unreadable?.(session) === true) throw new Error("unreadable");
    const { seq, signed } = await openEnvelope(
      { bytes, keys: session.keys, direction: 0 },
      this.#context.crypto,
    );
    const digest = toHex(await this.#context.crypto.sha256(bytes));
    const before = session.bySeq.get(seq);
    if (before !== undefined && before.digest !== digest) {
      this.seqReuses++;
      throw new Error("sequence number reused");
    }
    if (before !== undefined) return before.answer;
    const message = await this.#verify(session, signed);
    const reply = await this.#reply(session, message, signed);
    const answer = await this.#context.seal(session, reply);
    session.bySeq.set(seq, { digest, answer });
    return answer;
  }

  async #verify(session: FakeSession, signed: Bytes): Promise<VerifiedSigned> {
    const { credential, key } = session.binding;
    const sender = { kid: credential.kid, thumbprint: credential.thumbprint, key };
    let failure: unknown;
    // Items may be signed for a key that was current when they were measured.
    for (const { credential: own } of [session.hospitalKey, ...this.#context.keys()]) {
      try {
        const recipientThumbprint = own.thumbprint;
        return await verifySigned({ signed, sender, recipientThumbprint }, this.#context.crypto);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #reply(
    session: FakeSession,
    { typ, payload, name }: VerifiedSigned,
    signed: Bytes,
  ): Promise<{ typ: Typ; payload: Bytes }> {
    const device = toHex(session.binding.credential.kid);
    const isReadings = typ === TYP.readings;
    const { messageId } = isReadings ? parseReadings(payload) : parseRequest(payload);
    const id = `${device}/${toHex(messageId)}`;
    const known = this.#answered.get(id);
    if (known?.name === toHex(name)) return known;
    if (known !== undefined) throw new Error("message-id reused");
    const reply = isReadings
      ? this.#store(session, { payload, name, signed })
      : await this.#respond(session, parseRequest(payload));
    this.#answered.set(id, { name: toHex(name), ...reply });
    return reply;
  }

  #store(
    session: FakeSession,
    item: { readonly payload: Bytes; readonly name: Bytes; readonly signed: Bytes },
  ): { typ: Typ; payload: Bytes } {
    const readings = parseReadings(item.payload);
    const now = this.#context.clock.now();
    const isPending = session.binding.state !== "active";
    const plain: Receipt = {
      messageId: readings.messageId,
      name: item.name,
      outcome: isPending ? 2 : 0,
      received: now,
      stored: now,
      ...(isPending ? { reason: "binding-pending" } : { informed: ["Dr. Invented"] }),
    };
    const receipt = this.#context.behaviour.receipt?.(plain) ?? plain;
    this.stored.push({
      device: toHex(session.binding.credential.kid),
      messageId: toHex(readings.messageId),
      name: toHex(item.name),
      samples: readings.series.reduce((sum, series) => sum + series.values.length, 0),
      signed: item.signed,
      receipt,
    });
    return { typ: TYP.receipt, payload: encodeReceipt(receipt) };
  }

  async #respond(session: FakeSession, request: Request): Promise<{ typ: Typ; payload: Bytes }> {
    this.requests.push(request);
    const bent = this.#context.behaviour.respond?.(request, session);
    const response = bent ?? (await this.#carryOut(session, request));
    const payload = encodeResponse({ requestId: request.messageId, ...response });
    return { typ: TYP.response, payload };
  }

  async #carryOut(
    session: FakeSession,
    { method, parameters }: Request,
  ): Promise<Omit<Response, "requestId">> {
    if (method === "confirm") return this.#takeConfirm(session, parameters);
    if (session.binding.state === "pending") return { error: "pending", result: new Map() };
    if (method === "profile") {
      return {
        error: 0,
        result: METHODS.profile.result.encode({
          patientId: "P-1",
          name: "Invented Patient",
          age: 70,
          problem: "none",
          doctor: "Dr. Invented",
        }),
      };
    }
    if (method === "history") {
      return { error: 0, result: METHODS.history.result.encode({ series: [] }) };
    }
    if (method === "seen") return { error: 0, result: new Map() };
    return { error: "unknown-method", result: new Map() };
  }

  async #takeConfirm(
    session: FakeSession,
    parameters: Request["parameters"],
  ): Promise<Omit<Response, "requestId">> {
    const { nonceD } = METHODS.confirm.parameters.parse(parameters);
    const opened = await commitment(nonceD, this.#context.crypto);
    if (session.commitment === undefined || !equalBytes(session.commitment, opened)) {
      session.isClosed = true;
      return { error: "refused", result: new Map() };
    }
    const { secret, nonceH } = session;
    const code = await confirmationCode({ secret, nonceD, nonceH }, this.#context.crypto);
    session.binding.codes.push(code);
    return { error: 0, result: new Map() };
  }
}
