import {
  decodeFrames,
  RelayError,
  type EnvelopeFrame,
  type GatewayFrame,
  type HandshakeFinishFrame,
  type HandshakeStartFrame,
  type HospitalFrame,
  type UplinkFrame,
} from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Ingest } from "../ingest/index.ts";
import type { Handshakes } from "../sessions/index.ts";

/** What a connection's frames are served with. */
export interface FrameServerPorts {
  readonly ingest: Pick<Ingest, "submit">;
  readonly handshakes: Handshakes;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Envelopes that a gateway may have under way with us at once, on one connection. */
export const CREDIT = 1024;

/**
 * Handshake messages that a gateway may have under way with us at once. An honest one has a quarter of that, waits for
 * their answers and gives up after ten seconds: what is more than this is a flood.
 */
export const MAX_HANDSHAKES = 8192;

/** Serves what one gateway sends on one connection. */
export interface FrameServer {
  /** Grants the first credit. */
  start(): void;
  /** Takes one message. @returns false where it is none of a gateway's, or holds more than it has credit for: the connection has to end. */
  receive(message: Uint8Array): boolean;
}

/**
 * Creates the server of one connection.
 *
 * @param gateway - gateway-url: the audience of the passes given out here.
 * @param push - Sends a frame; may be called after the connection has ended, and does nothing then.
 */
export function createFrameServer(
  gateway: string,
  push: (frame: HospitalFrame) => void,
  ports: FrameServerPorts,
): FrameServer {
  const { ingest, clock } = ports;
  let owed = 0;
  let underWay = 0;
  const handshakes = createHandshakeServer(gateway, push, ports);

  function giveBack(): void {
    underWay -= 1;
    owed += 1;
    if (owed > 1) return;
    // One credit frame for all answers of a group: they come within one turn.
    queueMicrotask(() => {
      push({ type: "credit", count: owed });
      owed = 0;
    });
  }

  function serveEnvelope({ sid, number, body }: EnvelopeFrame): void {
    underWay += 1;
    ingest.submit({ sid, body, receivedAt: clock.now() }, (outcome) => {
      push(
        outcome.kind === "answer"
          ? { type: "answer", sid, number, body: outcome.envelope }
          : { type: "no-answer", sid, number },
      );
      giveBack();
    });
  }

  return {
    start: () => {
      push({ type: "credit", count: CREDIT });
    },
    receive(message) {
      const frames = readFrames(message);
      if (frames === undefined) return false;
      for (const frame of frames) {
        // Else a gateway could fill the memory that all others need too.
        if (frame.type === "envelope") {
          if (underWay === CREDIT) return false;
          serveEnvelope(frame);
        } else {
          if (handshakes.underWay() === MAX_HANDSHAKES) return false;
          handshakes.serve(frame);
        }
      }
      return true;
    },
  };
}

function createHandshakeServer(
  gateway: string,
  push: (frame: HospitalFrame) => void,
  { handshakes, log }: FrameServerPorts,
) {
  let underWay = 0;

  async function reply(frame: HandshakeStartFrame | HandshakeFinishFrame): Promise<void> {
    const { id, body } = frame;
    try {
      const made =
        frame.step === 1
          ? await handshakes.begin({ id, kid: frame.kid, body, gateway })
          : await handshakes.finish({ id, body, gateway });
      push({ type: "handshake-out", id, ...made });
    } catch (error) {
      log.error("handshake failed", errorFields(error));
    }
  }

  return {
    underWay: () => underWay,
    serve(frame: HandshakeStartFrame | HandshakeFinishFrame): void {
      underWay += 1;
      void reply(frame).finally(() => {
        underWay -= 1;
      });
    },
  };
}

function readFrames(message: Uint8Array): readonly GatewayFrame[] | undefined {
  try {
    const frames = decodeFrames(message);
    return frames.every(isGatewayFrame) ? frames : undefined;
  } catch (error) {
    if (error instanceof RelayError) return undefined;
    throw error;
  }
}

function isGatewayFrame(frame: UplinkFrame): frame is GatewayFrame {
  return frame.type === "envelope" || frame.type === "handshake-in";
}
