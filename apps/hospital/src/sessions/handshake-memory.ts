import { equalBytes, toHex, type Bytes } from "@siphms/cose";
import type { AwaitingMessage3 } from "@siphms/edhoc";
import type { Clock } from "@siphms/server-kit";
import type { HandshakeReply } from "./ports.ts";

/** A handshake whose message_2 has gone out. */
export interface OpenHandshake {
  readonly state: AwaitingMessage3;
  readonly cR: Bytes;
}

/** What came of message_1; without `open` there is nothing to go on with. */
export interface FirstOutcome<Open extends OpenHandshake> {
  readonly reply: HandshakeReply;
  readonly open?: Open;
}

/** The handshakes under way and those just finished, by the gateway's id. In memory only: a restart ends them. */
export interface HandshakeMemory<Open extends OpenHandshake> {
  /**
   * Takes message_1. The same one again gets the stored reply.
   *
   * @param work - Called at most once; never rejects.
   * @returns `used` for another message under a known id, `full` where no more handshakes are taken at the moment.
   */
  begin(
    id: Bytes,
    body: Bytes,
    work: () => Promise<FirstOutcome<Open>>,
  ): Promise<HandshakeReply> | "used" | "full";
  /**
   * Takes message_3. The same one again gets the stored reply, whatever came of it.
   *
   * @param work - Called at most once for each handshake, at once, with the state if there is one young enough, which is
   *   then used up; without a state it is called for every message. Never rejects.
   * @returns `used` for another message_3 than the first.
   */
  finish(
    id: Bytes,
    body: Bytes,
    work: (open: Open | undefined) => Promise<HandshakeReply>,
  ): Promise<HandshakeReply> | "used";
}

/** message_3 has to come within this time (protocol section 5). */
const STATE_LIFE_MS = 60_000;
/** message_4 is kept as long (protocol section 5). */
const REPLY_LIFE_MS = 600_000;
/** Handshakes under way at once, at about 1 kB each. A message_1 costs 0.4 ms: these are some seconds of work. */
const MAX_OPEN = 10_000;
/** Finished ones, at about 2 kB each. */
const MAX_FINISHED = 20_000;

interface Exchange {
  readonly body: Bytes;
  readonly reply: Promise<HandshakeReply>;
}

interface Begun<Open> {
  readonly at: number;
  readonly first: Exchange;
  /** Present once message_2 is made. */
  open?: Open;
}

interface Finished {
  readonly at: number;
  readonly first: Exchange;
  readonly third: Exchange;
}

/** Creates an empty memory. */
export function createHandshakeMemory<Open extends OpenHandshake>(
  clock: Clock,
): HandshakeMemory<Open> {
  // Both in order of time, so the oldest stand in front.
  const begun = new Map<string, Begun<Open>>();
  const finished = new Map<string, Finished>();

  function tidy(): void {
    const now = clock.now();
    dropOldest(begun, (entry) => now - entry.at >= STATE_LIFE_MS);
    dropOldest(finished, (entry) => now - entry.at >= REPLY_LIFE_MS);
    dropOldest(finished, () => finished.size >= MAX_FINISHED);
  }

  return {
    begin(id, body, work) {
      tidy();
      const key = toHex(id);
      const known = begun.get(key) ?? finished.get(key);
      if (known !== undefined) return repeat(known.first, body);
      if (begun.size >= MAX_OPEN) return "full";
      const outcome = work();
      const reply = outcome.then((first) => first.reply);
      const entry: Begun<Open> = { at: clock.now(), first: { body, reply } };
      begun.set(key, entry);
      void outcome.then(({ open }) => {
        if (open === undefined) begun.delete(key);
        else entry.open = open;
      });
      return reply;
    },

    finish(id, body, work) {
      tidy();
      const key = toHex(id);
      const before = finished.get(key);
      if (before !== undefined) return repeat(before.third, body);
      const entry = begun.get(key);
      const reply = work(entry?.open);
      if (entry?.open === undefined) return reply;
      // Nothing was awaited since the state was found: no second message_3 can have got it.
      begun.delete(key);
      finished.set(key, { at: clock.now(), first: entry.first, third: { body, reply } });
      return reply;
    },
  };
}

function repeat({ body, reply }: Exchange, again: Bytes): Promise<HandshakeReply> | "used" {
  return equalBytes(body, again) ? reply : "used";
}

function dropOldest<Entry>(entries: Map<string, Entry>, isDue: (entry: Entry) => boolean): void {
  for (const [key, entry] of entries) {
    if (!isDue(entry)) return;
    entries.delete(key);
  }
}
