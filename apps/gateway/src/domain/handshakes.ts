import {
  HANDSHAKE_ID_BYTES,
  HANDSHAKE_MEMORY_MS,
  type Bytes,
  type HandshakeOutFrame,
  type GatewayFrame,
  type ProblemName,
} from "@siphms/relay";
import { createDeferred, type Clock, type Deferred } from "@siphms/server-kit";
import { randomFillSync } from "node:crypto";
import {
  HANDSHAKE_RETRY_SECONDS,
  HANDSHAKE_TIMEOUT_MS,
  HOSPITAL_AWAY_RETRY_SECONDS,
  MAX_REMEMBERED_HANDSHAKES,
} from "./limits.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** What became of a handshake message. */
export type HandshakeResult =
  | { readonly kind: "answer"; readonly id: Bytes; readonly body: Bytes }
  | { readonly kind: "edhoc-error"; readonly body: Bytes }
  | Refusal;

/** What {@link createHandshakes} works with. */
export interface HandshakePorts {
  /** Sends to a hospital; `false` if it has no uplink. */
  readonly send: (hospital: string, frame: GatewayFrame) => boolean;
  readonly clock: Clock;
  readonly maxInFlight: number;
  readonly maxInFlightPerHospital: number;
}

/** Relays EDHOC between devices and hospitals. It knows ids and sizes, and no more. */
export interface Handshakes {
  /** Relays message_1 for the hospital key `kid`. */
  start(hospital: string, kid: Bytes, body: Bytes): Promise<HandshakeResult>;
  /** Relays message_3 of the handshake that `Location` named. */
  finish(idText: string, body: Bytes): Promise<HandshakeResult>;
  /** A hospital has answered. Answers that nobody waits for, or of another hospital, are dropped. */
  answered(hospital: string, frame: HandshakeOutFrame): void;
  /** A hospital's uplink has ended: nothing under way can be answered any more. */
  hospitalLeft(hospital: string): void;
  /** Forgets ids whose time is over. */
  forgetOld(): void;
  inFlight(): number;
}

interface InFlight {
  readonly hospital: string;
  readonly result: Deferred<HandshakeResult>;
}

/** Creates the relay of handshakes. */
export function createHandshakes(ports: HandshakePorts): Handshakes {
  const { clock } = ports;
  const inFlight = new Map<string, InFlight>();
  const known = new Map<string, { readonly hospital: string; readonly until: number }>();

  function isBusy(hospital: string): boolean {
    const ofHospital = [...inFlight.values()].filter((one) => one.hospital === hospital).length;
    return inFlight.size >= ports.maxInFlight || ofHospital >= ports.maxInFlightPerHospital;
  }

  async function ask(hospital: string, id: string, frame: GatewayFrame): Promise<HandshakeResult> {
    // The answer names only the id, so a second message of the same handshake has to wait for the first one's.
    if (inFlight.has(id) || isBusy(hospital)) return refuse("slow-down", HANDSHAKE_RETRY_SECONDS);
    if (!ports.send(hospital, frame)) return away();
    const result = createDeferred<HandshakeResult>();
    inFlight.set(id, { hospital, result });
    const timer = setTimeout(() => {
      result.resolve(away());
    }, HANDSHAKE_TIMEOUT_MS);
    try {
      return await result.promise;
    } finally {
      clearTimeout(timer);
      inFlight.delete(id);
    }
  }

  function forgetOld(): void {
    const now = clock.now();
    for (const [id, { until }] of known) {
      // The oldest come first.
      if (until > now && known.size < MAX_REMEMBERED_HANDSHAKES) return;
      known.delete(id);
    }
  }

  return {
    async start(hospital, kid, body) {
      const id = randomFillSync(new Uint8Array(HANDSHAKE_ID_BYTES));
      const text = idTextOf(id);
      const result = await ask(hospital, text, { type: "handshake-in", step: 1, id, kid, body });
      forgetOld();
      const until = clock.now() + HANDSHAKE_MEMORY_MS;
      if (result.kind === "answer") known.set(text, { hospital, until });
      return result;
    },
    async finish(idText, body) {
      const one = known.get(idText);
      if (one === undefined || one.until <= clock.now()) return refuse("session-unknown");
      const id = new Uint8Array(Buffer.from(idText, "base64url"));
      return ask(one.hospital, idText, { type: "handshake-in", step: 3, id, body });
    },
    answered(hospital, { id, outcome, body }) {
      const text = idTextOf(id);
      const one = inFlight.get(text);
      if (one?.hospital === hospital) one.result.resolve(resultOf({ id, outcome, body }));
    },
    hospitalLeft(hospital) {
      for (const one of inFlight.values())
        if (one.hospital === hospital) one.result.resolve(away());
    },
    forgetOld,
    inFlight: () => inFlight.size,
  };
}

const RETRY_SECONDS: Partial<Record<ProblemName, number>> = {
  "slow-down": HANDSHAKE_RETRY_SECONDS,
  "hospital-away": HOSPITAL_AWAY_RETRY_SECONDS,
};

function resultOf({ id, outcome, body }: Omit<HandshakeOutFrame, "type">): HandshakeResult {
  if (outcome === "answer") return { kind: "answer", id, body };
  if (outcome === "edhoc-error") return { kind: "edhoc-error", body };
  return refuse(outcome, RETRY_SECONDS[outcome]);
}

function away(): Refusal {
  return refuse("hospital-away", HOSPITAL_AWAY_RETRY_SECONDS);
}

function idTextOf(id: Bytes): string {
  return Buffer.from(id).toString("base64url");
}
