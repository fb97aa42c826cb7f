import { mailboxHeadBytes, type Bytes } from "@siphms/relay";
import type { QueueLimits, QueueStore, SessionRef, Settlement } from "../domain/ports.ts";
import { sessionText } from "../domain/session-text.ts";
import { createQueueDepth } from "../storage/queue-depth.ts";

interface Queued extends SessionRef {
  readonly number: number;
  readonly body: Bytes;
  readonly at: number;
}

interface Mail {
  readonly session: string;
  readonly place: number;
  readonly envelope: Bytes;
  readonly at: number;
}

/** A queue store that forgets everything when the process ends; for tests only. */
// eslint-disable-next-line max-lines-per-function -- a fake is easiest to check in one piece
export function createUnsafeMemoryQueueStore(limits: QueueLimits): QueueStore {
  const depth = createQueueDepth(limits);
  let last = 0;
  let queue: Queued[] = [];
  let mailbox: Mail[] = [];
  const closed = new Map<string, number>();
  const tokens = new Map<string, number>();

  function take(session: SessionRef, number: number): boolean {
    const found = queue.find((one) => one.number === number);
    if (found === undefined || sessionText(found) !== sessionText(session)) return false;
    queue = queue.filter((one) => one !== found);
    depth.release(found, found.body.length);
    return true;
  }

  function deliver(session: string, envelope: Bytes, at: number): boolean {
    if (closed.has(session)) return false;
    mailbox.push({ session, place: ++last, envelope, at });
    return true;
  }

  function settleOne(hospital: string, one: Settlement, at: number): boolean {
    const session = sessionText({ hospital, sid: one.sid });
    if (one.kind === "notice") return deliver(session, one.envelope, at);
    if (one.kind === "close") {
      if (closed.has(session)) return false;
      closed.set(session, at);
      mailbox = mailbox.filter((mail) => mail.session !== session);
      return true;
    }
    if (!take({ hospital, sid: one.sid }, one.number)) return false;
    if (one.kind === "answer") deliver(session, one.envelope, at);
    return true;
  }

  return {
    enqueue({ hospital, sid, body, at }) {
      if (!depth.reserve({ hospital, sid }, body.length)) return Promise.resolve("full");
      queue.push({ hospital, sid, body: new Uint8Array(body), at, number: ++last });
      return Promise.resolve(last);
    },
    pending(hospital, after, { count, bytes }) {
      let sum = 0;
      return queue
        .filter((one) => one.hospital === hospital && one.number > after)
        .slice(0, count)
        .filter((one, index) => {
          const fits = index === 0 || sum < bytes;
          sum += one.body.length;
          return fits;
        })
        .map(({ number, sid, body }) => ({ number, sid, body }));
    },
    settle: (hospital, settlements, at) =>
      Promise.resolve(settlements.map((one) => settleOne(hospital, one, at))),
    readMailbox(session, after, maxBytes) {
      let sum = 0;
      const found = mailbox.filter((mail) => {
        if (mail.session !== sessionText(session) || mail.place <= after) return false;
        sum += mailboxHeadBytes(mail.envelope.length) + mail.envelope.length;
        return sum <= maxBytes;
      });
      const place = found.at(-1)?.place;
      if (place === undefined) return undefined;
      return { envelopes: found.map((mail) => mail.envelope), last: place };
    },
    acknowledge(session, upTo) {
      mailbox = mailbox.filter(
        (mail) => mail.session !== sessionText(session) || mail.place > upTo,
      );
      return Promise.resolve();
    },
    isClosed: (session) => closed.has(sessionText(session)),
    useTokenOnce(token, expiresAt) {
      if (tokens.has(token)) return Promise.resolve(false);
      tokens.set(token, expiresAt);
      return Promise.resolve(true);
    },
    sweep(before, now) {
      const old = queue.filter((one) => one.at < before);
      for (const one of old) take(one, one.number);
      const mail = mailbox.filter((one) => one.at < before).length;
      mailbox = mailbox.filter((one) => one.at >= before);
      let marks = 0;
      for (const [table, limit] of [
        [closed, before],
        [tokens, now],
      ] as const) {
        for (const [key, at] of table) if (at < limit && table.delete(key)) marks += 1;
      }
      return Promise.resolve({ queued: old.length, mailbox: mail, marks });
    },
    queuedFor: (hospital) => depth.ofHospital(hospital),
    usage: () => depth.usage(),
    works: () => true,
    probe: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
