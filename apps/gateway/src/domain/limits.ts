/** Seconds that a device waits before it tries a full queue again. */
export const QUEUE_FULL_RETRY_SECONDS = 30;

/** Seconds that a device waits whose hospital has more to deal with than it can at once. */
export const BACKLOG_RETRY_SECONDS = 2;

/** Seconds that a device waits before it tries an absent hospital again. */
export const HOSPITAL_AWAY_RETRY_SECONDS = 15;

/** Seconds that a device waits when too many handshakes are under way. */
export const HANDSHAKE_RETRY_SECONDS = 2;

/**
 * How fast refusals leave. One costs about a twentieth of a millisecond: those of an address take a hundredth of a core at
 * most, those of all a twentieth. A clinic's devices that all come back behind one address hear at once that they have to wait.
 */
export const REFUSAL_PACE = {
  perSecond: 200,
  atOnce: 2000,
  perSecondOfAll: 1000,
  atOnceOfAll: 4000,
} as const;

/** Seconds that a device waits when there are too many connections. */
export const CONNECTIONS_RETRY_SECONDS = 5;

/** Milliseconds that a hospital has for one handshake message. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Seconds that a device waits whose pass cannot be looked at now. */
export const CHECK_RETRY_SECONDS = 1;

/** Signatures of unknown passes that are checked at once, the addresses sharing them: more would only wait for a core. */
export const MAX_PASS_CHECKS = 512;

/** Handshake ids that are remembered; the oldest goes first. */
export const MAX_REMEMBERED_HANDSHAKES = 65_536;

/** Verified passes that are remembered. */
export const MAX_CACHED_PASSES = 50_000;

/** Rate counters that are kept at once. */
export const MAX_RATE_ENTRIES = 100_000;

/** Seconds by which clocks of gateway and hospital may differ. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Mailbox requests a minute beyond a pass's `lim`: an idle long poll is two of them. */
export const MAILBOX_ALLOWANCE_PER_MINUTE = 60;

/** Bodies that one session can have on their way to us at once: a device sends a few side by side, an attacker thousands. */
export const MAX_UPLOADS = 32;

/** Seconds that a session waits that has more. */
export const UPLOADS_RETRY_SECONDS = 1;

/** Milliseconds by which a wait may end late. */
export const WAIT_SLOT_MS = 250;

/** Envelopes read from the queue at a time. */
export const PUMP_ENVELOPES = 256;

/** Bytes read from the queue at a time. */
export const PUMP_BYTES = 1_048_576;

/** Bytes on their way to a hospital above which no more are read from the queue. */
export const MAX_UPLINK_BACKLOG_BYTES = 4_194_304;

/** Settlements of one uplink that may wait for the disk before its socket is not read any more. */
export const MAX_UNSETTLED_MESSAGES = 64;

/** Milliseconds between two sweeps of what is older than the retention time. */
export const SWEEP_EVERY_MS: number = 10 * 60 * 1000;

/** Milliseconds that a client has to take a mailbox answer. */
export const SLOW_CLIENT_MS = 30_000;
