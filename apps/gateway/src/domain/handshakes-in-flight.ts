import type { Bytes, GatewayFrame, HandshakeOutFrame, ProblemName } from "@siphms/relay";
import { createDeferred, type Deferred } from "@siphms/server-kit";
import { createFairShare, type FairShare } from "./fair-share.ts";
import {
  HANDSHAKE_RETRY_SECONDS,
  HANDSHAKE_TIMEOUT_MS,
  HOSPITAL_AWAY_RETRY_SECONDS,
} from "./limits.ts";
import { addressKey } from "./rates.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { createTimerWheel } from "./timer-wheel.ts";

/** What became of a handshake message. */
export type HandshakeResult =
  | { readonly kind: "answer"; readonly id: Bytes; readonly body: Bytes }
  | { readonly kind: "edhoc-error"; readonly body: Bytes }
  | Refusal;

/** A handshake message on its way to a hospital. */
export type HandshakeFrame = GatewayFrame & { readonly type: "handshake-in" };

/** What {@link createHandshakesInFlight} works with. */
export interface InFlightPorts {
  /** Sends to a hospital; `false` if it has no uplink. */
  readonly send: (hospital: string, frame: GatewayFrame) => boolean;
  /** Messages of each kind that can wait for one hospital at once; the addresses share them. */
  readonly maxInFlight: number;
}

/** Handshake messages that wait for their hospital's answer. */
export interface HandshakesInFlight {
  /** Asks a hospital and waits for what it says, ten seconds at most. */
  ask(hospital: string, frame: HandshakeFrame, address: string): Promise<HandshakeResult>;
  /** A hospital has answered. Answers that nobody waits for, or of another hospital, are dropped. */
  answered(hospital: string, frame: HandshakeOutFrame): void;
  /** A hospital's uplink has ended: nothing under way can be answered any more. */
  hospitalLeft(hospital: string): void;
  size(): number;
  /** Gives up what is under way. */
  stop(): void;
}

interface InFlight {
  readonly hospital: string;
  readonly result: Deferred<HandshakeResult>;
}

const TIMEOUT_SLOT_MS = 500;

/** Creates the register of what is under way. */
export function createHandshakesInFlight({ send, maxInFlight }: InFlightPorts): HandshakesInFlight {
  const inFlight = new Map<string, InFlight>();
  // Apart, so that a flood of beginnings leaves room for those that are about to end. One each for every hospital: the
  // operator admits few, and one that does not answer must not stand in the way of another.
  const startPlaces = new Map<string, FairShare>();
  const finishPlaces = new Map<string, FairShare>();
  const timeouts = createTimerWheel<InFlight>(TIMEOUT_SLOT_MS, ({ result }) => {
    result.resolve(away());
  });

  function placesOf(all: Map<string, FairShare>, hospital: string): FairShare {
    const places = all.get(hospital) ?? createFairShare(maxInFlight);
    all.set(hospital, places);
    return places;
  }

  function endAll(isMeant: (one: InFlight) => boolean): void {
    for (const one of inFlight.values()) if (isMeant(one)) one.result.resolve(away());
  }

  return {
    async ask(hospital, frame, address) {
      const id = idTextOf(frame.id);
      // The answer names only the id, so a second message of the same handshake has to wait for the first one's.
      if (inFlight.has(id)) return slowDown("handshake-busy");
      const places = placesOf(frame.step === 1 ? startPlaces : finishPlaces, hospital);
      const holder = addressKey(address);
      if (!places.take(holder)) return slowDown("handshake-places");
      const one = { hospital, result: createDeferred<HandshakeResult>() };
      inFlight.set(id, one);
      const timeout = timeouts.add(one, HANDSHAKE_TIMEOUT_MS);
      try {
        return send(hospital, frame) ? await one.result.promise : away();
      } finally {
        timeout.delete(one);
        inFlight.delete(id);
        places.giveBack(holder);
      }
    },
    answered(hospital, frame) {
      const one = inFlight.get(idTextOf(frame.id));
      if (one?.hospital === hospital) one.result.resolve(resultOf(frame));
    },
    hospitalLeft(hospital) {
      endAll((one) => one.hospital === hospital);
    },
    size: () => inFlight.size,
    stop() {
      timeouts.stop();
      endAll(() => true);
    },
  };
}

/** A handshake's id as `Location` spells it. */
export function idTextOf(id: Bytes): string {
  return Buffer.from(id).toString("base64url");
}

const RETRY_SECONDS: Partial<Record<ProblemName, number>> = {
  "hospital-away": HOSPITAL_AWAY_RETRY_SECONDS,
};

function resultOf({ id, outcome, body }: HandshakeOutFrame): HandshakeResult {
  if (outcome === "answer") return { kind: "answer", id, body };
  if (outcome === "edhoc-error") return { kind: "edhoc-error", body };
  if (outcome === "slow-down") return slowDown("hospital-busy");
  return refuse(outcome, { retryAfterSeconds: RETRY_SECONDS[outcome] });
}

function slowDown(reason: "handshake-busy" | "handshake-places" | "hospital-busy"): Refusal {
  return refuse("slow-down", { reason, retryAfterSeconds: HANDSHAKE_RETRY_SECONDS });
}

function away(): Refusal {
  return refuse("hospital-away", { retryAfterSeconds: HOSPITAL_AWAY_RETRY_SECONDS });
}
