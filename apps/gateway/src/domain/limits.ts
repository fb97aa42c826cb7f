/** Seconds that a device waits before it tries a full queue again. */
export const QUEUE_FULL_RETRY_SECONDS = 30;

/** Seconds that a device waits before it tries an absent hospital again. */
export const HOSPITAL_AWAY_RETRY_SECONDS = 15;

/** Seconds that a device waits when too many handshakes are under way. */
export const HANDSHAKE_RETRY_SECONDS = 2;

/** Seconds that a device waits when there are too many connections. */
export const CONNECTIONS_RETRY_SECONDS = 5;

/** Milliseconds that a hospital has for one handshake message. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

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

/** Mailbox requests of one session that can wait at once; a further one ends the oldest. */
export const MAX_MAILBOX_WAITS = 4;

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
