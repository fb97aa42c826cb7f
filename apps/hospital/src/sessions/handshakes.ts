import { equalBytes, type Bytes } from "@siphms/cose";
import {
  createMessage2,
  createMessage4,
  createSuiteMinus21,
  processMessage1,
  processMessage3,
  splitMessage1,
  splitMessage3,
  type OwnIdentity,
} from "@siphms/edhoc";
import { EAD_ENROLMENT, EAD_GRANT, MESSAGE_3_BYTES, MESSAGE_4_BYTES } from "@siphms/messages";
import type { HospitalIdentity } from "../keys/index.ts";
import { createEstablishing, type EstablishPorts, type EstablishSession } from "./establish.ts";
import {
  createHandshakeMemory,
  type FirstOutcome,
  type HandshakeMemory,
  type OpenHandshake,
} from "./handshake-memory.ts";
import { createHandshakeRefusals, type RefusalPorts } from "./handshake-refusals.ts";
import { createHandshakeTurns } from "./handshake-turns.ts";
import { createFindPeer, type FindPeer, type HandshakePeer } from "./peer.ts";
import type { HandshakeReply } from "./ports.ts";
import { HandshakeRefusal } from "./refusal.ts";

/** The hospital's side of handshakes: the EDHOC responder. */
export interface Handshakes {
  /** Answers message_1, as it came with its prefix, under the hospital key that the device pins. */
  begin(input: {
    readonly id: Bytes;
    readonly kid: Bytes;
    readonly body: Bytes;
    /** gateway-url of the gateway that it came by. */
    readonly gateway: string;
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
export interface HandshakePorts extends EstablishPorts, RefusalPorts {
  readonly identities: readonly HospitalIdentity[];
  /** Whether envelopes are being dealt with, now or a moment ago: they go before new handshakes. */
  readonly isBusy: () => boolean;
}

interface Handshake extends OpenHandshake {
  readonly hospital: HospitalIdentity;
}

/** Creates the responder with an empty memory of handshakes. */
export function createHandshakes(ports: HandshakePorts): Handshakes {
  const suites = [createSuiteMinus21(ports.crypto)];
  const steps = { findPeer: createFindPeer(ports), establish: createEstablishing(ports) };
  const turns = createHandshakeTurns(ports);
  const refusals = createHandshakeRefusals(ports);
  // Of the gateways that the settings name, so these are few.
  const memories = new Map<string, HandshakeMemory<Handshake>>();

  function memoryOf(gateway: string): HandshakeMemory<Handshake> {
    const memory = memories.get(gateway) ?? createHandshakeMemory<Handshake>(ports);
    memories.set(gateway, memory);
    return memory;
  }

  async function answerFirst(
    body: Bytes,
    hospital: HospitalIdentity,
  ): Promise<FirstOutcome<Handshake>> {
    const { state: ready } = await processMessage1(suites, splitMessage1(body));
    const { message2, cR, state } = await createMessage2(ready, ownIdentity(hospital));
    return { reply: { outcome: "answer", body: message2 }, open: { state, cR, hospital } };
  }

  async function answerThird(
    body: Bytes,
    open: Handshake | undefined,
    gateway: string,
  ): Promise<HandshakeReply> {
    const arrivedAt = ports.clock.now();
    try {
      if (open === undefined) throw new HandshakeRefusal("state-absent");
      const opening = turns.take({ step: "third", gateway }, () =>
        openSession(body, { open, gateway }, steps),
      );
      if (opening === undefined) return await refusals.as("slow-down");
      return { outcome: "answer", body: await opening };
    } catch (error) {
      return refusals.of(error, { step: "3", arrivedAt });
    }
  }

  return {
    async begin({ id, kid, body, gateway }) {
      const arrivedAt = ports.clock.now();
      const hospital = findIdentity(kid, ports);
      if (hospital === undefined) return refusals.as("hospital-key-unknown");
      const reply = memoryOf(gateway).begin(id, body, () =>
        turns
          .take({ step: "first", gateway }, () => answerFirst(body, hospital))
          ?.catch(async (error: unknown) => ({
            reply: await refusals.of(error, { step: "1", arrivedAt }),
          })),
      );
      if (reply === "used") return refusals.as("handshake-used");
      return reply === "full" ? refusals.as("slow-down") : reply;
    },
    async finish({ id, body, gateway }) {
      const reply = memoryOf(gateway).finish(id, body, (open) => answerThird(body, open, gateway));
      return reply === "used" ? refusals.as("handshake-used") : reply;
    },
    refused: () => refusals.all(),
  };
}

/** message_3 to message_4, in the order of protocol section 5. */
async function openSession(
  body: Bytes,
  { open, gateway }: { readonly open: Handshake; readonly gateway: string },
  steps: { readonly findPeer: FindPeer; readonly establish: EstablishSession },
): Promise<Bytes> {
  const { cR, message3 } = splitMessage3(body);
  let peer: HandshakePeer | undefined;
  const verified = await processMessage3(
    open.state,
    message3,
    async (idCred) => {
      peer = await steps.findPeer(idCred);
      const cred = peer.kind === "new" ? peer.credential.bytes : peer.device.credential;
      return { cred, key: peer.sender.key };
    },
    { cR, length: MESSAGE_3_BYTES, knownEad: [EAD_ENROLMENT] },
  );
  if (peer === undefined) throw new HandshakeRefusal("device-not-bound");
  const { ead3, exporter } = verified;
  const { hospital } = open;
  const grant = await steps.establish({ peer, ead3, exporter, hospital, gateway });
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
