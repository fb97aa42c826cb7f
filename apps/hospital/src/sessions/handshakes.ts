import { CoseError, equalBytes, type Bytes } from "@siphms/cose";
import {
  createMessage2,
  createMessage4,
  createSuiteMinus21,
  EdhocError,
  encodeErrorMessage,
  processMessage1,
  processMessage3,
  splitMessage1,
  splitMessage3,
  type OwnIdentity,
} from "@siphms/edhoc";
import {
  EAD_ENROLMENT,
  EAD_GRANT,
  MESSAGE_3_BYTES,
  MESSAGE_4_BYTES,
  MessageError,
} from "@siphms/messages";
import type { HandshakeOutcome } from "@siphms/relay";
import { errorFields, type Logger } from "@siphms/server-kit";
import { KeyError, type HospitalIdentity } from "../keys/index.ts";
import { establishSession, type EstablishPorts } from "./establish.ts";
import {
  createHandshakeMemory,
  type FirstOutcome,
  type OpenHandshake,
} from "./handshake-memory.ts";
import { findPeer, type HandshakePeer } from "./peer.ts";
import type { HandshakeReply } from "./ports.ts";
import { createRefusalCounter, HandshakeRefusal } from "./refusal.ts";

/** The hospital's side of handshakes: the EDHOC responder. */
export interface Handshakes {
  /** Answers message_1, as it came with its prefix, under the hospital key that the device pins. */
  begin(input: {
    readonly id: Bytes;
    readonly kid: Bytes;
    readonly body: Bytes;
  }): Promise<HandshakeReply>;
  /** Answers C_R and message_3, as they came, and opens the session. */
  finish(input: {
    readonly id: Bytes;
    readonly body: Bytes;
    /** gateway-url of the gateway that it came by. */
    readonly gateway: string;
  }): Promise<HandshakeReply>;
  /** How many messages were refused since the start, by reason. */
  refused(): Readonly<Record<string, number>>;
}

/** What handshakes need. */
export interface HandshakePorts extends EstablishPorts {
  readonly identities: readonly HospitalIdentity[];
  readonly log: Logger;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Every refused message_3 is answered at a multiple of this, so that its time does not tell how far it came. */
const REFUSAL_STEP_MS = 100;
const EMPTY: Bytes = new Uint8Array();
const REFUSED: HandshakeReply = {
  outcome: "edhoc-error",
  body: encodeErrorMessage(1, "handshake refused"),
};

interface Handshake extends OpenHandshake {
  readonly hospital: HospitalIdentity;
}

/** Creates the responder with an empty memory of handshakes. */
export function createHandshakes(ports: HandshakePorts): Handshakes {
  const suites = [createSuiteMinus21(ports.crypto)];
  const memory = createHandshakeMemory<Handshake>(ports.clock);
  const refused = createRefusalCounter();

  function refuse(outcome: Exclude<HandshakeOutcome, "answer">): HandshakeReply {
    refused.count(outcome);
    return { outcome, body: EMPTY };
  }

  async function answerFirst(
    body: Bytes,
    hospital: HospitalIdentity,
  ): Promise<FirstOutcome<Handshake>> {
    try {
      const { state: ready } = await processMessage1(suites, splitMessage1(body));
      const { message2, cR, state } = await createMessage2(ready, ownIdentity(hospital));
      return { reply: { outcome: "answer", body: message2 }, open: { state, cR, hospital } };
    } catch (error) {
      refused.count(codeOf(error));
      return { reply: replyToFirst(error, ports.log) };
    }
  }

  async function answerThird(
    body: Bytes,
    open: Handshake | undefined,
    gateway: string,
  ): Promise<HandshakeReply> {
    const arrivedAt = ports.clock.now();
    try {
      if (open === undefined) throw new HandshakeRefusal("state-absent");
      return { outcome: "answer", body: await openSession(body, { open, gateway }, ports) };
    } catch (error) {
      refused.count(codeOf(error));
      const reply = replyToThird(error, ports.log);
      const elapsedMs = Math.max(0, ports.clock.now() - arrivedAt);
      await ports.pause(REFUSAL_STEP_MS - (elapsedMs % REFUSAL_STEP_MS));
      return reply;
    }
  }

  return {
    async begin({ id, kid, body }) {
      const hospital = findIdentity(kid, ports);
      if (hospital === undefined) return refuse("hospital-key-unknown");
      const reply = memory.begin(id, body, () => answerFirst(body, hospital));
      if (reply === "used") return refuse("handshake-used");
      return reply === "full" ? refuse("slow-down") : reply;
    },
    async finish({ id, body, gateway }) {
      const reply = memory.finish(id, body, (open) => answerThird(body, open, gateway));
      return reply === "used" ? refuse("handshake-used") : reply;
    },
    refused: () => refused.all(),
  };
}

/** message_3 to message_4, in the order of protocol section 5. */
async function openSession(
  body: Bytes,
  { open, gateway }: { readonly open: Handshake; readonly gateway: string },
  ports: HandshakePorts,
): Promise<Bytes> {
  const { cR, message3 } = splitMessage3(body);
  let peer: HandshakePeer | undefined;
  const verified = await processMessage3(
    open.state,
    message3,
    async (idCred) => {
      peer = await findPeer(idCred, ports);
      const cred = peer.kind === "new" ? peer.credential.bytes : peer.device.credential;
      return { cred, key: peer.sender.key };
    },
    { cR, length: MESSAGE_3_BYTES, knownEad: [EAD_ENROLMENT] },
  );
  if (peer === undefined) throw new HandshakeRefusal("device-not-bound");
  const { ead3, exporter } = verified;
  const { hospital } = open;
  const grant = await establishSession({ peer, ead3, exporter, hospital, gateway }, ports);
  const { message4 } = await createMessage4(verified.state, {
    ead4: [{ label: EAD_GRANT, critical: true, value: grant }],
    length: MESSAGE_4_BYTES,
  });
  return message4;
}

function ownIdentity({ credential, key }: HospitalIdentity): OwnIdentity {
  return { idCred: { kind: "kid", kid: credential.kid }, cred: credential.bytes, key };
}

/** A retired key answers until its valid-until; after that it is as unknown as any other. */
function findIdentity(
  kid: Bytes,
  { identities, clock }: HandshakePorts,
): HospitalIdentity | undefined {
  return identities.find(
    (one) =>
      equalBytes(one.credential.kid, kid) &&
      (one.state === "current" || clock.now() <= (one.validUntil ?? 0)),
  );
}

function replyToFirst(error: unknown, log: Logger): HandshakeReply {
  if (!(error instanceof EdhocError)) {
    log.error("handshake failed", { step: "1", ...errorFields(error) });
    return { outcome: "hospital-away", body: EMPTY };
  }
  log.info("handshake refused", { step: "1", code: error.code });
  const body =
    error.code === "EDHOC_SUITE" && error.suitesR !== undefined
      ? encodeErrorMessage(2, error.suitesR)
      : encodeErrorMessage(1, "message_1 refused");
  return { outcome: "edhoc-error", body };
}

function replyToThird(error: unknown, log: Logger): HandshakeReply {
  if (isRefusal(error)) {
    log.info("handshake refused", { step: "3", code: error.code });
    return REFUSED;
  }
  log.error("handshake failed", { step: "3", ...errorFields(error) });
  return { outcome: "hospital-away", body: EMPTY };
}

/** A closed set of words: what a peer sends cannot make new ones. */
function codeOf(error: unknown): string {
  return isRefusal(error) ? error.code : "internal";
}

type Refusal = EdhocError | CoseError | MessageError | KeyError | HandshakeRefusal;

/** An altered row refuses its device as if it were unknown; that it was altered shows in the code. */
function isRefusal(error: unknown): error is Refusal {
  return (
    error instanceof EdhocError ||
    error instanceof CoseError ||
    error instanceof MessageError ||
    error instanceof KeyError ||
    error instanceof HandshakeRefusal
  );
}
