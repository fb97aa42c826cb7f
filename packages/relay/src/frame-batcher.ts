import type { Bytes } from "./bytes.ts";
import { encodeFrames } from "./frame-codec.ts";
import { MAX_UPLINK_MESSAGE_BYTES } from "./limits.ts";
import type { UplinkFrame } from "./uplink.ts";

/** Collects the frames of one turn of the event loop and sends them in as few messages as they fit into. */
export interface FrameBatcher {
  /**
   * Adds a frame behind those already waiting; it leaves when the scheduled flush comes.
   *
   * @throws {RangeError} For a frame that cannot be written; those already waiting leave all the same.
   */
  push(frame: UplinkFrame): void;
  /** Sends all that waits now, for instance before closing. */
  flush(): void;
}

/** What {@link createFrameBatcher} needs from its surroundings. */
export interface FrameBatcherPorts {
  /** Sends one binary WebSocket message. */
  readonly send: (message: Bytes) => void;
  /** Calls back once at the end of this turn, for instance `setImmediate`. */
  readonly schedule: (flush: () => void) => void;
}

/**
 * Creates a batcher for one side of one uplink.
 *
 * A message costs a system call and a wake-up at the other end, whatever it holds: under load this saves most of them,
 * and without load it costs one turn of the event loop.
 */
export function createFrameBatcher(ports: FrameBatcherPorts): FrameBatcher {
  let waiting: Bytes[] = [];
  let waitingBytes = 0;
  let scheduled = false;

  function sendWaiting(): void {
    if (waiting.length === 0) return;
    const message = new Uint8Array(waitingBytes);
    let at = 0;
    for (const frame of waiting) {
      message.set(frame, at);
      at += frame.length;
    }
    waiting = [];
    waitingBytes = 0;
    ports.send(message);
  }

  return {
    push(frame) {
      // Written now, so that a frame of the wrong form fails where it was made and takes no other with it.
      const bytes = encodeFrames([frame]);
      if (waitingBytes + bytes.length > MAX_UPLINK_MESSAGE_BYTES) sendWaiting();
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (scheduled) return;
      scheduled = true;
      ports.schedule(() => {
        scheduled = false;
        sendWaiting();
      });
    },
    flush: sendWaiting,
  };
}
