import type { ApiSample } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { TimeSpan } from "./time-view.ts";

/** The samples of each kind, in order of time. */
export type ByKind = ReadonlyMap<KindName, readonly ApiSample[]>;

/** What has come live, message by message: an event that comes twice is the same message. */
export type LiveMessages = ReadonlyMap<string, readonly ApiSample[]>;

/** Messages kept; older ones are in the hospital's next answer. */
const MAX_MESSAGES = 5_000;

/** The same with one more message. */
export function withMessage(known: LiveMessages, samples: readonly ApiSample[]): LiveMessages {
  const id = samples[0]?.messageId;
  if (id === undefined || known.has(id)) return known;
  const messages = new Map(known).set(id, samples);
  const [oldest] = messages.keys();
  if (messages.size > MAX_MESSAGES && oldest !== undefined) messages.delete(oldest);
  return messages;
}

/** Puts samples of many kinds, in order of time, apart. */
export function byKind(samples: readonly ApiSample[]): ByKind {
  const kinds = new Map<KindName, ApiSample[]>();
  for (const sample of samples) {
    const known = kinds.get(sample.kind);
    if (known === undefined) kinds.set(sample.kind, [sample]);
    else known.push(sample);
  }
  return kinds;
}

/** The ids of the messages of some samples. */
export function messagesOf(samples: readonly ApiSample[]): ReadonlySet<string> {
  return new Set(samples.map(({ messageId }) => messageId));
}

/**
 * Adds what came live to what was stored. A kind to which nothing is added keeps its very list, so that its chart has nothing to
 * do.
 *
 * @param stored - With the ids of its messages: what came live and is stored by now is there once.
 * @param span - What was asked for; live samples outside of it are left out.
 */
export function addLive(
  stored: { readonly kinds: ByKind; readonly messages: ReadonlySet<string> },
  live: LiveMessages,
  { from, to }: TimeSpan,
): ByKind {
  const fresh = [...live].flatMap(([id, samples]) =>
    stored.messages.has(id) ? [] : samples.filter(({ at }) => at >= from && at < to),
  );
  if (fresh.length === 0) return stored.kinds;
  const kinds = new Map(stored.kinds);
  for (const [kind, added] of byKind(fresh)) {
    const all = [...(kinds.get(kind) ?? []), ...added];
    kinds.set(kind, inOrder(all) ? all : all.sort((a, b) => a.at - b.at));
  }
  return kinds;
}

function inOrder(samples: readonly ApiSample[]): boolean {
  return samples.every(({ at }, index) => at >= (samples[index - 1]?.at ?? 0));
}
