import {
  HANDSHAKE_ID_BYTES,
  HANDSHAKE_MEMORY_MS,
  type Bytes,
  type HandshakeOutFrame,
} from "@siphms/relay";
import type { Clock } from "@siphms/server-kit";
import { randomFillSync } from "node:crypto";
import type { AddressLimit } from "./address-limit.ts";
import {
  createHandshakesInFlight,
  idTextOf,
  type HandshakeResult,
  type InFlightPorts,
} from "./handshakes-in-flight.ts";
import { MAX_REMEMBERED_HANDSHAKES } from "./limits.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Vouchers } from "./vouchers.ts";

/** What {@link createHandshakes} works with. */
export interface HandshakePorts extends InFlightPorts {
  readonly addressLimit: AddressLimit;
  /** Given to addresses from where a handshake has ended well. */
  readonly vouchers: Vouchers;
  readonly clock: Clock;
}

/** A handshake message as a device sends it. */
export interface HandshakeInput {
  readonly body: Bytes;
  /** From where it came. */
  readonly address: string;
}

/** Relays EDHOC between devices and hospitals. It knows ids and sizes, and no more. */
export interface Handshakes {
  /**
   * Whether an address may begin another handshake now; counts it. To be asked before the message is read.
   *
   * A message_3 is not asked for: its handshake was counted when it began. Only one that nobody waits for, or that comes
   * again, counts.
   */
  admit(address: string): Refusal | undefined;
  /** Relays message_1 for the hospital key `kid`. */
  start(hospital: string, kid: Bytes, message: HandshakeInput): Promise<HandshakeResult>;
  /** Relays message_3 of the handshake that `Location` named. */
  finish(idText: string, message: HandshakeInput): Promise<HandshakeResult>;
  /** A hospital has answered. */
  answered(hospital: string, frame: HandshakeOutFrame): void;
  /** A hospital's uplink has ended: nothing under way can be answered any more. */
  hospitalLeft(hospital: string): void;
  /** Forgets ids whose time is over. */
  forgetOld(): void;
  inFlight(): number;
  /** Gives up what is under way. */
  stop(): void;
}

/** A handshake whose message_2 has gone out. */
interface Begun {
  readonly hospital: string;
  readonly until: number;
  /** A message_3 was answered: whatever comes now comes again. */
  isFinished: boolean;
}

/** Creates the relay of handshakes. */
export function createHandshakes(ports: HandshakePorts): Handshakes {
  const { clock, addressLimit, vouchers } = ports;
  const inFlight = createHandshakesInFlight(ports);
  const known = new Map<string, Begun>();

  function forgetOld(): void {
    const now = clock.now();
    for (const [id, { until }] of known) {
      // The oldest come first.
      if (until > now && known.size < MAX_REMEMBERED_HANDSHAKES) return;
      known.delete(id);
    }
  }

  return {
    admit: (address) => addressLimit.admit(address),
    async start(hospital, kid, { body, address }) {
      const id = randomFillSync(new Uint8Array(HANDSHAKE_ID_BYTES));
      const frame = { type: "handshake-in", step: 1, id, kid, body } as const;
      const result = await inFlight.ask(hospital, frame, address);
      // It never got as far as costing anything, and comes again in a moment.
      if (result.kind === "refused" && result.reason === "handshake-places") {
        addressLimit.excuse(address);
      }
      forgetOld();
      const until = clock.now() + HANDSHAKE_MEMORY_MS;
      if (result.kind === "answer") {
        known.set(idTextOf(id), { hospital, until, isFinished: false });
      }
      return result;
    },
    async finish(idText, { body, address }) {
      const one = known.get(idText);
      const isKnown = one !== undefined && one.until > clock.now();
      if (!isKnown || one.isFinished) {
        const busy = addressLimit.admit(address);
        if (busy !== undefined) return busy;
      }
      if (!isKnown) return refuse("session-unknown");
      const id = new Uint8Array(Buffer.from(idText, "base64url"));
      const frame = { type: "handshake-in", step: 3, id, body } as const;
      const result = await inFlight.ask(one.hospital, frame, address);
      if (result.kind !== "refused") one.isFinished = true;
      if (result.kind === "answer") vouchers.give(address);
      return result;
    },
    answered(hospital, frame) {
      inFlight.answered(hospital, frame);
    },
    hospitalLeft(hospital) {
      inFlight.hospitalLeft(hospital);
    },
    forgetOld,
    inFlight: () => inFlight.size(),
    stop() {
      inFlight.stop();
    },
  };
}
