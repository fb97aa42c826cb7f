import { decodeFrames, encodeFrames, FRAME_HEAD_BYTES, SID_BYTES } from "@siphms/relay";
import type { AnswerFrame, Bytes, EnvelopeFrame } from "@siphms/relay";
import { createDeferred } from "@siphms/server-kit";
import type { WebSocket } from "ws";

import { CliError } from "../../cli-error.ts";

/** Envelopes as frames, one behind the other in one piece of memory: sending is cutting. */
export interface PreparedFrames {
  readonly bytes: Bytes;
  /** Where each begins, and behind the last where it ends. */
  readonly offsets: readonly number[];
  /** The gateway's number of the first; the others follow. */
  readonly firstNumber: number;
}

/** What became of envelopes that were fed. */
export interface FeedResult {
  /** From the first that was sent to the last answer. */
  readonly seconds: number;
  /** ms from sending to answer, in order of the envelopes. */
  readonly latencies: Float64Array;
  /** In order of the envelopes: each has exactly one. */
  readonly answers: readonly Bytes[];
}

/** How many envelopes the hospital takes beyond those that it was sent; counted here, and kept by whoever owns the uplink. */
export interface Credit {
  left: number;
}

/** Envelopes in one message: what the real gateway reads from its queue at a time. */
const ENVELOPES_AT_ONCE = 256;
/** Without any answer for so long, there will be none. */
const SILENCE_MS = 30_000;
const NUMBER_AT = FRAME_HEAD_BYTES + SID_BYTES;
const TYPE = { answer: 4, noAnswer: 5, credit: 6 };

/** Puts frames behind each other; their numbers have to follow each other. */
export function prepareFrames(frames: readonly EnvelopeFrame[]): PreparedFrames {
  const parts = frames.map((frame) => encodeFrames([frame]));
  const offsets = [0];
  for (const part of parts) offsets.push((offsets.at(-1) ?? 0) + part.length);
  const bytes = new Uint8Array(offsets.at(-1) ?? 0);
  for (const [index, part] of parts.entries()) bytes.set(part, offsets[index]);
  return { bytes, offsets, firstNumber: frames[0]?.number ?? 1 };
}

interface Arrival {
  readonly at: number;
  readonly message: Buffer;
}

/**
 * Sends envelopes within the hospital's credit. While it runs, answers are counted and kept, and no more: they are read when
 * all is over, so that reading costs nothing of what is measured.
 */
export function createFeed(
  socket: WebSocket,
  frames: PreparedFrames,
  credit: Credit,
): { readonly receive: (message: Buffer) => void; readonly finished: Promise<FeedResult> } {
  const total = frames.offsets.length - 1;
  const sentAt = new Float64Array(total);
  const arrivals: Arrival[] = [];
  const finished = createDeferred<FeedResult>();
  const begin = performance.now();
  let sent = 0;
  let answered = 0;
  const silence = setTimeout(() => end(new CliError(silenceText(total, answered))), SILENCE_MS);
  const onClose = (): void => end(new CliError("The hospital ended its uplink during the bench."));
  socket.once("close", onClose);

  function end(error?: unknown): void {
    clearTimeout(silence);
    socket.off("close", onClose);
    if (error !== undefined) finished.reject(error);
  }

  function send(): void {
    while (sent < total && credit.left > 0) {
      const count = Math.min(ENVELOPES_AT_ONCE, total - sent, credit.left);
      const from = frames.offsets[sent];
      sentAt.fill(performance.now(), sent, sent + count);
      sent += count;
      credit.left -= count;
      socket.send(frames.bytes.subarray(from, frames.offsets[sent]), { binary: true });
    }
  }

  function receive(message: Buffer): void {
    const { answers, credits } = countFrames(message);
    credit.left += credits;
    // Behind the last answer comes nothing but credit.
    if (answered >= total) return;
    arrivals.push({ at: performance.now(), message });
    answered += answers;
    silence.refresh();
    if (answered < total) {
      send();
      return;
    }
    end();
    try {
      finished.resolve(readResult({ frames, arrivals, sentAt, begin }));
    } catch (error) {
      finished.reject(error);
    }
  }

  send();
  return { receive, finished: finished.promise };
}

/** Walks over the heads alone. An answer with number 0 is a notice that nobody asked for. */
export function countFrames(message: Buffer): { answers: number; credits: number } {
  let answers = 0;
  let credits = 0;
  for (let at = 0; at < message.length; at += FRAME_HEAD_BYTES + message.readUInt32BE(at + 1)) {
    const type = message[at];
    if (type === TYPE.credit) credits += message.readUInt32BE(at + FRAME_HEAD_BYTES);
    else if (type === TYPE.noAnswer) answers += 1;
    else if (type === TYPE.answer && message.readBigUInt64BE(at + NUMBER_AT) !== 0n) answers += 1;
  }
  return { answers, credits };
}

interface Outcome {
  readonly frames: PreparedFrames;
  readonly arrivals: readonly Arrival[];
  readonly sentAt: Float64Array;
  readonly begin: number;
}

/** Reads strictly what was only counted: one answer for each envelope, no "no answer", none twice. */
function readResult({ frames, arrivals, sentAt, begin }: Outcome): FeedResult {
  const latencies = new Float64Array(sentAt.length);
  const answers: Bytes[] = [];
  for (const { at, message } of arrivals) {
    for (const frame of decodeFrames(message)) {
      if (frame.type === "no-answer") throw new CliError("An envelope of the bench got no answer.");
      if (frame.type !== "answer" || frame.number === 0) continue;
      const index = indexOf(frame, frames, answers);
      answers[index] = frame.body;
      latencies[index] = at - (sentAt[index] ?? NaN);
    }
  }
  const seconds = ((arrivals.at(-1)?.at ?? NaN) - begin) / 1_000;
  return { seconds, latencies, answers };
}

function indexOf(
  { number }: AnswerFrame,
  { firstNumber, offsets }: PreparedFrames,
  answers: readonly Bytes[],
): number {
  const index = number - firstNumber;
  if (index < 0 || index >= offsets.length - 1 || answers[index] !== undefined) {
    throw new CliError("The hospital answered what it was not sent, or the same twice.");
  }
  return index;
}

function silenceText(total: number, answered: number): string {
  return `The hospital was silent for ${SILENCE_MS / 1_000} s; ${answered} of ${total} were answered.`;
}
