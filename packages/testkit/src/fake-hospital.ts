import {
  createCredential,
  DEVICE_SUB,
  equalBytes,
  hospitalSub,
  parseCredential,
  toBase64Url,
  toHex,
  type Bytes,
  type Crypto,
} from "@siphms/cose";
import type { Clock } from "@siphms/device";
import {
  createMessage2,
  createMessage4,
  createSuiteMinus21,
  encodeErrorMessage,
  processMessage1,
  processMessage3,
  splitMessage1,
  splitMessage3,
  type AwaitingMessage3,
  type EadItem,
  type IdCred,
  type PeerIdentity,
} from "@siphms/edhoc";
import {
  createMessageId,
  deriveConfirmationSecret,
  deriveSessionKeys,
  EAD_ENROLMENT,
  EAD_GRANT,
  encodeGrant,
  encodeNotice,
  invitationLink,
  MESSAGE_3_BYTES,
  MESSAGE_4_BYTES,
  parseEnrolment,
  sealEnvelope,
  signMessage,
  TYP,
  type Enrolment,
  type Request,
  type SessionGrant,
  type Typ,
} from "@siphms/messages";
import type {
  FakeBinding,
  FakeHandshakeAnswer,
  FakeHospitalBehaviour,
  FakeHospitalKey,
  FakeSession,
  FakeStoredItem,
} from "./fake-hospital-types.ts";
import { FakeIngest } from "./fake-ingest.ts";

interface Token {
  readonly expires: number;
  codes: number;
  isVoid: boolean;
}

/**
 * A hospital in memory, built from the same packages as the real one, for tests of the patient's side.
 *
 * Keeps protocol sections 4 to 6 as far as a device can see them. Not safe for anything but tests: no audit, no
 * durability.
 */
export class FakeHospital {
  readonly id: string;
  readonly gatewayUrl: string;
  readonly behaviour: FakeHospitalBehaviour = {};
  readonly bindings = new Map<string, FakeBinding>();
  readonly sessions = new Map<string, FakeSession>();
  /** Why an envelope got no answer or a handshake was refused, for the tests' eyes. */
  readonly refusals: string[] = [];
  /** Where notices and repeated answers go. */
  deliver: (sid: Bytes, envelope: Bytes) => void = () => undefined;
  readonly #crypto: Crypto;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Token>();
  readonly #handshakes = new Map<string, { state: AwaitingMessage3; key: FakeHospitalKey }>();
  readonly #ingest: FakeIngest;
  #keys: FakeHospitalKey[] = [];

  private constructor(ports: { crypto: Crypto; clock: Clock }, id: string, gatewayUrl: string) {
    this.#crypto = ports.crypto;
    this.#clock = ports.clock;
    this.id = id;
    this.gatewayUrl = gatewayUrl;
    this.#ingest = new FakeIngest({
      ...ports,
      behaviour: this.behaviour,
      keys: () => this.#keys,
      seal: (session, message) => this.seal(session, message),
    });
  }

  /** Opens a hospital with one key. */
  static async create(
    ports: { readonly crypto: Crypto; readonly clock: Clock },
    options: { readonly id?: string; readonly gatewayUrl?: string } = {},
  ): Promise<FakeHospital> {
    const { id = "demo-hospital", gatewayUrl = "https://gateway.example" } = options;
    const hospital = new FakeHospital(ports, id, gatewayUrl);
    hospital.#keys = [await hospital.createKey()];
    return hospital;
  }

  /** The items that were stored, each once. */
  get stored(): readonly FakeStoredItem[] {
    return this.#ingest.stored;
  }

  /** The requests that were carried out, in their order. */
  get requests(): readonly Request[] {
    return this.#ingest.requests;
  }

  /** How often an envelope came under a sequence number that was used for other bytes. Must stay 0. */
  get seqReuses(): number {
    return this.#ingest.seqReuses;
  }

  /** The newest key. */
  get key(): FakeHospitalKey {
    return this.#keys.at(-1)!;
  }

  /** A key that nobody knows yet. */
  async createKey(): Promise<FakeHospitalKey> {
    const signingKey = await this.#crypto.generateSigningKey();
    const point = signingKey.publicPoint;
    const credential = await createCredential(hospitalSub(this.id), point, this.#crypto);
    return { credential, signingKey };
  }

  /** Makes a new key the current one; the old ones still answer. */
  async rotate(): Promise<FakeHospitalKey> {
    const key = await this.createKey();
    this.#keys.push(key);
    return key;
  }

  /** Stops answering for all keys but the newest. */
  retireOldKeys(): void {
    this.#keys = [this.key];
  }

  /** Makes an invitation, 15 minutes long unless said otherwise. */
  invite(options: { readonly lifeMs?: number; readonly key?: FakeHospitalKey } = {}): string {
    const token = this.#crypto.randomBytes(16);
    const expires = this.#clock.now() + (options.lifeMs ?? 15 * 60_000);
    this.#tokens.set(toHex(token), { expires, codes: 0, isVoid: false });
    return invitationLink("https://app.example", {
      gatewayUrl: this.gatewayUrl,
      hospitalId: this.id,
      credential: (options.key ?? this.key).credential,
      token,
      expires,
      hospitalName: "Invented Hospital",
    });
  }

  /** Takes message_1 with its prefix, for the key that the device named. */
  async takeMessage1(kid: Bytes, handle: string, body: Bytes): Promise<FakeHandshakeAnswer> {
    const key = this.#keys.find((one) => equalBytes(one.credential.kid, kid));
    if (key === undefined) return { kind: "hospital-key-unknown" };
    const suite = createSuiteMinus21(this.#crypto);
    const { state } = await processMessage1([suite], splitMessage1(body));
    const own = {
      idCred: { kind: "kid", kid: key.credential.kid } as const,
      cred: key.credential.bytes,
      key: key.signingKey,
    };
    const second = await createMessage2(state, own);
    this.#handshakes.set(handle, { state: second.state, key });
    return { kind: "answer", body: second.message2 };
  }

  /** Takes message_3 with its prefix. Whatever is wrong, the answer is the same. */
  async takeMessage3(handle: string, body: Bytes): Promise<FakeHandshakeAnswer> {
    const handshake = this.#handshakes.get(handle);
    this.#handshakes.delete(handle);
    try {
      if (handshake === undefined) throw new Error("handshake unknown or used");
      return { kind: "answer", body: await this.#finish(handshake, body) };
    } catch (error) {
      this.refusals.push(error instanceof Error ? error.message : "unknown");
      return { kind: "edhoc-error", body: encodeErrorMessage(1, "refused") };
    }
  }

  /** Takes an envelope; `undefined` is the "no answer" mark. */
  async takeEnvelope(sid: Bytes, bytes: Bytes): Promise<Bytes | undefined> {
    try {
      return await this.#ingest.answer(this.session(sid), bytes);
    } catch (error) {
      this.refusals.push(error instanceof Error ? error.message : "unknown");
      return undefined;
    }
  }

  /** A session by its id. */
  session(sid: Bytes): FakeSession {
    const session = this.sessions.get(toHex(sid));
    if (session === undefined || session.isClosed) throw new Error("session unknown or closed");
    return session;
  }

  /** The newest session. */
  get lastSession(): FakeSession {
    return [...this.sessions.values()].at(-1)!;
  }

  /** Staff confirm: true if the code is the newest of a pending device. */
  async confirm(code: string): Promise<boolean> {
    for (const binding of this.bindings.values()) {
      if (binding.state !== "pending" || binding.codes.at(-1) !== code) continue;
      binding.state = "active";
      await this.notify(binding, "binding-active");
      return true;
    }
    return false;
  }

  /** Sends a notice in every open session of a device. */
  async notify(
    binding: FakeBinding,
    kind: string,
    body: ReadonlyMap<number, Bytes | number | string> = new Map(),
  ): Promise<void> {
    const created = this.#clock.now();
    const messageId = createMessageId(created, this.#crypto);
    const payload = encodeNotice({ messageId, created, kind, body });
    for (const session of this.sessions.values()) {
      if (session.binding !== binding || session.isClosed) continue;
      this.deliver(session.keys.sid, await this.seal(session, { typ: TYP.notice, payload }));
    }
  }

  /**
   * Signs and seals something for a device, as the hospital or, with the options, in ways in which it never would.
   */
  async seal(
    session: FakeSession,
    message: { readonly typ: Typ; readonly payload: Bytes },
    bent: {
      readonly key?: FakeHospitalKey;
      readonly recipient?: Bytes;
      readonly seq?: number;
    } = {},
  ): Promise<Bytes> {
    const { credential, signingKey } = bent.key ?? session.hospitalKey;
    const recipientThumbprint = bent.recipient ?? session.binding.credential.thumbprint;
    const { signed } = await signMessage(
      { ...message, sender: credential, recipientThumbprint, key: signingKey },
      this.#crypto,
    );
    const seq = bent.seq ?? session.nextSeq++;
    return sealEnvelope({ keys: session.keys, direction: 1, seq, signed }, this.#crypto);
  }

  async #finish(
    { state, key }: { state: AwaitingMessage3; key: FakeHospitalKey },
    body: Bytes,
  ): Promise<Bytes> {
    const { cR, message3 } = splitMessage3(body);
    const third = await processMessage3(state, message3, (...x) => this.#resolve(...x), {
      cR,
      length: MESSAGE_3_BYTES,
      knownEad: [EAD_ENROLMENT],
    });
    const enrolment = enrolmentIn(third.ead3);
    const binding = await this.#bind(third.idCred, enrolment);
    const keys = await deriveSessionKeys(third.exporter);
    const grant = this.#grant(keys.sid, binding);
    const message4 = await createMessage4(third.state, {
      ead4: [{ label: EAD_GRANT, critical: true, value: encodeGrant(grant) }],
      length: MESSAGE_4_BYTES,
    });
    this.sessions.set(toHex(keys.sid), {
      keys,
      binding,
      hospitalKey: key,
      secret: await deriveConfirmationSecret(third.exporter),
      nonceH: grant.nonceH,
      commitment: enrolment?.commitment,
      nextSeq: 0,
      isClosed: false,
      bySeq: new Map(),
    });
    return message4.message4;
  }

  async #resolve(idCred: IdCred, ead: readonly EadItem[]): Promise<PeerIdentity | undefined> {
    if (idCred.kind === "kid") {
      const known = this.bindings.get(toHex(idCred.kid));
      if (known === undefined || known.state === "revoked") return undefined;
      return { cred: known.credential.bytes, key: known.key };
    }
    if (idCred.kind !== "ccs" || enrolmentIn(ead) === undefined) return undefined;
    const credential = await parseCredential(idCred.cred, DEVICE_SUB, this.#crypto);
    return { cred: credential.bytes, key: await this.#crypto.importVerifyKey(credential.point) };
  }

  async #bind(idCred: IdCred, enrolment: Enrolment | undefined): Promise<FakeBinding> {
    if (idCred.kind === "kid") return this.bindings.get(toHex(idCred.kid))!;
    if (idCred.kind !== "ccs" || enrolment === undefined) throw new Error("no enrolment");
    const token = toHex(enrolment.token);
    const credential = await parseCredential(idCred.cred, DEVICE_SUB, this.#crypto);
    const kid = toHex(credential.kid);
    const known = this.bindings.get(kid);
    this.#redeem(token, known);
    if (known !== undefined) return known;
    const key = await this.#crypto.importVerifyKey(credential.point);
    const binding: FakeBinding = { credential, key, token, state: "pending", codes: [] };
    this.bindings.set(kid, binding);
    return binding;
  }

  #redeem(text: string, known: FakeBinding | undefined): void {
    const token = this.#tokens.get(text);
    if (token === undefined || token.isVoid) throw new Error("token unknown or void");
    if (known === undefined && this.#clock.now() > token.expires) throw new Error("token expired");
    const holder = [...this.bindings.values()].find((binding) => binding.token === text);
    if (holder !== known) throw new Error("token redeemed by another key");
    if (known !== undefined && known.state !== "pending") throw new Error("key known");
    token.codes++;
    if (token.codes <= 3) return;
    token.isVoid = true;
    if (known !== undefined) known.state = "revoked";
    throw new Error("fourth code");
  }

  #grant(sid: Bytes, binding: FakeBinding): SessionGrant {
    const now = this.#clock.now();
    const grant: SessionGrant = {
      pass: `pass-${toBase64Url(sid)}`,
      expires: now + (this.behaviour.sessionMs ?? 60 * 60_000),
      binding: binding.state === "active" ? 1 : 0,
      now,
      nonceH: this.#crypto.randomBytes(16),
    };
    return this.behaviour.grant?.(grant) ?? grant;
  }
}

function enrolmentIn(ead: readonly EadItem[]): Enrolment | undefined {
  const value = ead.find(({ label }) => label === EAD_ENROLMENT)?.value;
  return value === undefined ? undefined : parseEnrolment(value);
}
