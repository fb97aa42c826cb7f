import {
  createFrameBatcher,
  decodeFrames,
  RelayError,
  UPLINK_CLOSE,
  type HospitalFrame,
  type Registration,
  type UplinkFrame,
} from "@siphms/relay";
import type { Clock, Logger } from "@siphms/server-kit";
import type { RawData, WebSocket } from "ws";
import type { Handshakes } from "../domain/handshakes.ts";
import { MAX_UNSETTLED_MESSAGES } from "../domain/limits.ts";
import type { Settlement, UplinkLink } from "../domain/ports.ts";
import type { Settling } from "../domain/settling.ts";
import type { Uplink, Uplinks } from "../domain/uplinks.ts";
import { keepAlive } from "./keep-alive.ts";

/** The part of a WebSocket that an uplink uses. */
export type UplinkSocket = Pick<
  WebSocket,
  | "OPEN"
  | "bufferedAmount"
  | "close"
  | "isPaused"
  | "on"
  | "pause"
  | "ping"
  | "readyState"
  | "resume"
  | "send"
  | "terminate"
>;

/** What a live uplink works with. */
export interface UplinkSocketPorts {
  readonly uplinks: Uplinks;
  readonly handshakes: Handshakes;
  readonly settling: Settling;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Serves one hospital on one WebSocket until either side ends it. */
export function serveUplink(
  socket: UplinkSocket,
  admitted: Registration,
  ports: UplinkSocketPorts,
): void {
  const hospital = admitted.id;
  const { log } = ports;
  // The delivery comes after the link that it sends on, and the link wakes it when bytes have left.
  const link = createLink(socket, () => {
    uplink.delivery.wake();
  });
  const uplink = ports.uplinks.open(admitted, link);
  const receive = createReceiver({ socket, link, uplink }, ports);
  const stopPinging = keepAlive(socket, ports);
  log.info("uplink opened", { hospital });

  socket.on("message", (data: RawData, isBinary: boolean) => {
    receive(data, isBinary);
  });
  socket.on("error", () => {
    // Always followed by "close", which says what is left to say.
  });
  socket.on("close", (code: number) => {
    stopPinging();
    uplink.ended();
    log.info("uplink closed", { hospital, status: code });
  });
}

function createLink(socket: UplinkSocket, onSent: () => void): UplinkLink {
  const batcher = createFrameBatcher({
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message, { binary: true }, onSent);
    },
    schedule: setImmediate,
  });
  return {
    send: (frame) => {
      batcher.push(frame);
    },
    backlogBytes: () => socket.bufferedAmount,
    close(code) {
      batcher.flush();
      socket.close(code);
    },
  };
}

interface Receiving {
  readonly socket: UplinkSocket;
  readonly link: UplinkLink;
  readonly uplink: Uplink;
}

function createReceiver({ socket, link, uplink }: Receiving, ports: UplinkSocketPorts) {
  const { hospital } = uplink;
  let unsettled = 0;

  async function settle(settlements: readonly Settlement[]): Promise<void> {
    unsettled += 1;
    // A hospital that answers faster than the disk writes is slowed down by TCP, not by our memory.
    if (unsettled > MAX_UNSETTLED_MESSAGES) socket.pause();
    const stored = await ports.settling.settle(hospital, settlements);
    unsettled -= 1;
    if (socket.isPaused && unsettled <= MAX_UNSETTLED_MESSAGES / 2) socket.resume();
    // What could not be stored counts as unanswered: the next uplink brings it again.
    if (!stored) link.close(UPLINK_CLOSE.storage);
  }

  function handle(frame: HospitalFrame): Settlement | undefined {
    switch (frame.type) {
      case "handshake-out":
        ports.handshakes.answered(hospital, frame);
        return undefined;
      case "credit":
        uplink.delivery.credit(frame.count);
        return undefined;
      case "close":
        return { kind: "close", sid: frame.sid };
      case "no-answer":
        return { kind: "no-answer", sid: frame.sid, number: frame.number };
      case "answer":
        return settlementOf(frame.sid, frame.number, frame.body);
    }
  }

  return (data: RawData, isBinary: boolean): void => {
    const frames = readFrames(data, isBinary);
    if (frames === undefined) {
      ports.log.warn("uplink message malformed", { hospital });
      link.close(UPLINK_CLOSE.malformed);
      return;
    }
    const settlements = frames.map(handle).filter((one) => one !== undefined);
    if (settlements.length > 0) void settle(settlements);
  };
}

function settlementOf(
  sid: Settlement["sid"],
  number: number,
  envelope: Settlement["sid"],
): Settlement {
  if (number === 0) return { kind: "notice", sid, envelope };
  return { kind: "answer", sid, number, envelope };
}

function readFrames(data: RawData, isBinary: boolean): readonly HospitalFrame[] | undefined {
  if (!isBinary || !Buffer.isBuffer(data)) return undefined;
  try {
    const frames = decodeFrames(data);
    return frames.every(isHospitalFrame) ? frames : undefined;
  } catch (error) {
    if (error instanceof RelayError) return undefined;
    throw error;
  }
}

function isHospitalFrame(frame: UplinkFrame): frame is HospitalFrame {
  return frame.type !== "handshake-in" && frame.type !== "envelope";
}
