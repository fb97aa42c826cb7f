import { CoseError, type Bytes } from "@siphms/cose";
import { EdhocError, encodeErrorMessage } from "@siphms/edhoc";
import { MessageError } from "@siphms/messages";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { KeyError } from "../keys/index.ts";
import type { HandshakeReply } from "./ports.ts";
import { createRefusalLog } from "./refusal-log.ts";
import { createRefusalCounter, HandshakeRefusal } from "./refusal.ts";

/** Makes the replies to handshake messages that are refused, and counts them. */
export interface HandshakeRefusals {
  /** Refuses in a word of the gateway's. */
  as(outcome: "handshake-used" | "hospital-key-unknown" | "slow-down"): Promise<HandshakeReply>;
  /** Makes a reply of what was thrown. To the gateway every message_3 that was refused looks alike. */
  of(error: unknown, message: RefusedMessage): Promise<HandshakeReply>;
  /** How many since the start, by reason. */
  all(): Readonly<Record<string, number>>;
}

/** A message that something was thrown for. */
export interface RefusedMessage {
  readonly step: "1" | "3";
  /** ms */
  readonly arrivedAt: number;
}

/** What {@link createHandshakeRefusals} works with. */
export interface RefusalPorts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Every refused message is answered at a multiple of this: so the time of a refused message_3 does not tell how far it
 * came, and a gateway that brings nothing but what is refused cannot bring it faster than that.
 */
const REFUSAL_STEP_MS = 100;
const EMPTY: Bytes = new Uint8Array();
const REFUSED: HandshakeReply = {
  outcome: "edhoc-error",
  body: encodeErrorMessage(1, "handshake refused"),
};

/** Creates the refusals with a count of zero. */
export function createHandshakeRefusals({ clock, log, pause }: RefusalPorts): HandshakeRefusals {
  const counter = createRefusalCounter();
  const note = createRefusalLog(log, clock);

  async function reply(reply: HandshakeReply, arrivedAt: number): Promise<HandshakeReply> {
    const elapsedMs = Math.max(0, clock.now() - arrivedAt);
    await pause(REFUSAL_STEP_MS - (elapsedMs % REFUSAL_STEP_MS));
    return reply;
  }

  return {
    as(outcome) {
      counter.count(outcome);
      return reply({ outcome, body: EMPTY }, clock.now());
    },
    of(error, { step, arrivedAt }) {
      if (!isRefusal(error)) {
        counter.count("internal");
        log.error("handshake failed", { step, ...errorFields(error) });
        return reply({ outcome: "hospital-away", body: EMPTY }, arrivedAt);
      }
      // A closed set of words: what a peer sends cannot make new ones.
      counter.count(error.code);
      note(step, error.code);
      return reply(step === "1" ? refusalOfFirst(error) : REFUSED, arrivedAt);
    },
    all: () => counter.all(),
  };
}

function refusalOfFirst(error: Refusal): HandshakeReply {
  const suites = error instanceof EdhocError ? error.suitesR : undefined;
  const body =
    error.code === "EDHOC_SUITE" && suites !== undefined
      ? encodeErrorMessage(2, suites)
      : encodeErrorMessage(1, "message_1 refused");
  return { outcome: "edhoc-error", body };
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
