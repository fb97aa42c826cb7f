/** Bytes of the largest envelope that a gateway takes (protocol section 3). */
export const MAX_ENVELOPE_BYTES = 65_536;

/** Bytes of the largest EDHOC message (protocol section 3), without its transport prefix. */
export const MAX_HANDSHAKE_MESSAGE_BYTES = 4096;

/** Bytes of the largest handshake body: a message and its prefix, `0xf5` or a C_R of 8 bytes in CBOR. */
export const MAX_HANDSHAKE_BODY_BYTES: number = MAX_HANDSHAKE_MESSAGE_BYTES + 9;

/** Bytes of the largest mailbox answer, heads included (protocol section 7). */
export const MAX_MAILBOX_ANSWER_BYTES = 1_048_576;

/** Seconds that `Prefer: wait=N` can hold a request at most (protocol section 7). */
export const MAX_WAIT_SECONDS = 30;

/** Bytes, as characters of ASCII, of the largest gateway pass (protocol section 3). */
export const MAX_PASS_BYTES = 690;

/** Seconds that a gateway pass can be good for: a session lives 24 h at most (protocol section 5). */
export const MAX_PASS_SECONDS = 86_400;

/** Envelopes a minute that a gateway pass can allow (`lim`); a gateway takes no pass with more. */
export const MAX_PASS_ENVELOPES_PER_MINUTE = 6000;

/** Milliseconds after which the gateway gives up what nobody fetched or answered (protocol section 7). */
export const RETENTION_MS: number = 72 * 60 * 60 * 1000;

/** Milliseconds for which a handshake id is remembered: the hospital keeps message_4 for 10 minutes. */
export const HANDSHAKE_MEMORY_MS: number = 10 * 60 * 1000;

/** Bytes of a session id. */
export const SID_BYTES = 16;

/** Bytes of a handshake id. */
export const HANDSHAKE_ID_BYTES = 16;

/** Bytes of a key id. */
export const KID_BYTES = 8;

/** Bytes of the largest WebSocket message on the uplink, either way; more frames go into the next one. */
export const MAX_UPLINK_MESSAGE_BYTES = 1_048_576;

/** Envelopes that a hospital may be granted to be sent and not yet answered; more credit is cut to this. */
export const MAX_UPLINK_CREDIT = 65_536;

/** Milliseconds between two pings of the gateway on an idle uplink. */
export const UPLINK_PING_MS = 15_000;

/** Milliseconds without any sign of life after which either side gives an uplink up. */
export const UPLINK_SILENCE_MS = 40_000;

/** Seconds for which an uplink token is good at most. */
export const UPLINK_TOKEN_SECONDS = 60;
