import { equalBytes, toHex, type Bytes } from "@siphms/cose";
import type { AwaitingMessage3 } from "@siphms/edhoc";
import type { NodeCrypto } from "@siphms/node-crypto";
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

/** One gateway's handshakes under way and those just finished, by its ids. In memory only: a restart ends them. */
export interface HandshakeMemory<Open extends OpenHandshake> {
  /**
   * Takes message_1. The same one again gets the stored reply.
   *
   * @param work - Called at most once; never rejects. undefined where no more handshakes are taken at the moment.
   * @returns `used` for another message under a known id, `full` where the work was not taken.
   */
  begin(
    id: Bytes,
    body: Bytes,
    work: () => Promise<FirstOutcome<Open>> | undefined,
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
/**
 * Handshakes of one gateway under way at once, at about 1 kB each. In a flood the oldest make room: a device that goes on
 * does so within a second, and what is left behind for longer is the flood's own.
 */
export const MAX_OPEN = 10_000;
/** Finished ones, at about 2 kB each. */
export const MAX_FINISHED = 10_000;

interface Exchange {
  /** SHA-256 of the message: as good as the message for comparing, and never longer. */
  readonly hash: Bytes;
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

/** What {@link createHandshakeMemory} works with. */
export interface MemoryPorts {
  readonly clock: Clock;
  readonly crypto: Pick<NodeCrypto, "sha256Sync">;
}

/** Creates an empty memory, for one gateway: what one of them brings takes nothing from another. */
export function createHandshakeMemory<Open extends OpenHandshake>({
  clock,
  crypto,
}: MemoryPorts): HandshakeMemory<Open> {
  // Both in order of time, so the oldest stand in front.
  const begun = new Map<string, Begun<Open>>();
  const finished = new Map<string, Finished>();

  function tidy(): void {
    const now = clock.now();
    dropOldest(begun, (entry) => now - entry.at >= STATE_LIFE_MS);
    dropOldest(finished, (entry) => now - entry.at >= REPLY_LIFE_MS);
  }

  function repeat({ hash, reply }: Exchange, again: Bytes): Promise<HandshakeReply> | "used" {
    return equalBytes(hash, crypto.sha256Sync(again)) ? reply : "used";
  }

  return {
    begin(id, body, work) {
      tidy();
      const key = toHex(id);
      const known = begun.get(key) ?? finished.get(key);
      if (known !== undefined) return repeat(known.first, body);
      const outcome = work();
      if (outcome === undefined) return "full";
      const reply = outcome.then((first) => first.reply);
      const hash = crypto.sha256Sync(body);
      const entry: Begun<Open> = { at: clock.now(), first: { hash, reply } };
      dropOldest(begun, () => begun.size >= MAX_OPEN);
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
      const third = { hash: crypto.sha256Sync(body), reply };
      dropOldest(finished, () => finished.size >= MAX_FINISHED);
      finished.set(key, { at: clock.now(), first: entry.first, third });
      return reply;
    },
  };
}

function dropOldest<Entry>(entries: Map<string, Entry>, isDue: (entry: Entry) => boolean): void {
  for (const [key, entry] of entries) {
    if (!isDue(entry)) return;
    entries.delete(key);
  }
}
