/** The two messages of a handshake that cost the hospital something. */
export type HandshakeStep = "first" | "third";

/** Whose work, and which. */
export interface HandshakeTurn {
  readonly step: HandshakeStep;
  /** gateway-url of the gateway by which it came. */
  readonly gateway: string;
}

/** Hands out turns to handshakes, so that they take what envelopes leave over. */
export interface HandshakeTurns {
  /**
   * Does the work when its turn comes, at once if nobody waits.
   *
   * @returns undefined, without doing it, where too much of that gateway waits already.
   */
  take<T>(turn: HandshakeTurn, work: () => Promise<T>): Promise<T> | undefined;
}

/** What turns depend on. */
export interface TurnPorts {
  /** Whether envelopes are being dealt with, now or a moment ago. */
  readonly isBusy: () => boolean;
}

/** What waits of one gateway for one step; beyond it, more are refused. Half of it is what an honest gateway has under way. */
export const MAX_WAITING = 2048;
/**
 * message_1 can come from anybody, and answering it costs a key, an agreement and a signature: a third of a millisecond,
 * mostly of the event loop. While envelopes are being dealt with, one is answered in so many milliseconds: a flood takes
 * less than a tenth of a core from those who have sessions, even one of whole handshakes, and a hundred devices a second
 * still get theirs.
 */
export const BUSY_PAUSE_MS = 10;

/** Enough to keep all cores at work. Thirds mostly wait, for a transaction that they share: the more of them, the cheaper each. */
const AT_ONCE: Readonly<Record<HandshakeStep, number>> = { first: 4, third: 64 };

type Job = () => Promise<void>;

/** Creates turns that nobody has taken yet. */
export function createHandshakeTurns({ isBusy }: TurnPorts): HandshakeTurns {
  const waiting = { first: createRounds(), third: createRounds() };
  const running = { first: 0, third: 0 };
  let lastFirstAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  function start(step: HandshakeStep): boolean {
    if (running[step] === AT_ONCE[step]) return false;
    const job = waiting[step].next();
    if (job === undefined) return false;
    running[step] += 1;
    if (step === "first") lastFirstAt = performance.now();
    // Never rejects: see `take`.
    void job().then(() => {
      running[step] -= 1;
      startAll();
    });
    return true;
  }

  /** Whoever is half through goes before whoever begins: a handshake that was paid for once should not time out. */
  function startAll(): void {
    while (start("third"));
    while (waiting.first.hasAny() && running.first < AT_ONCE.first) {
      const waitMs = isBusy() ? lastFirstAt + BUSY_PAUSE_MS - performance.now() : 0;
      if (waitMs > 0) {
        timer ??= setTimeout(() => {
          timer = undefined;
          startAll();
        }, waitMs);
        return;
      }
      start("first");
    }
  }

  return {
    take({ step, gateway }, work) {
      if (waiting[step].countOf(gateway) === MAX_WAITING) return undefined;
      return new Promise((resolve, reject) => {
        waiting[step].add(gateway, () => work().then(resolve, reject));
        startAll();
      });
    },
  };
}

/** Jobs of several gateways, of which each gets its turn, however many one of them brings. */
interface Rounds {
  add(gateway: string, job: Job): void;
  next(): Job | undefined;
  hasAny(): boolean;
  countOf(gateway: string): number;
}

function createRounds(): Rounds {
  // Whoever is in front is next; gateways without a job are not in it.
  const queues = new Map<string, Job[]>();
  return {
    add(gateway, job) {
      const queue = queues.get(gateway);
      if (queue === undefined) queues.set(gateway, [job]);
      else queue.push(job);
    },
    next() {
      const [front] = queues;
      if (front === undefined) return undefined;
      const [gateway, queue] = front;
      const job = queue.shift();
      queues.delete(gateway);
      if (queue.length > 0) queues.set(gateway, queue);
      return job;
    },
    hasAny: () => queues.size > 0,
    countOf: (gateway) => queues.get(gateway)?.length ?? 0,
  };
}
