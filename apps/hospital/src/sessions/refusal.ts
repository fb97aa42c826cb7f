/** Why a message_3 that the EDHOC engine would take, or could not judge, is refused. For the log, never for a peer. */
export type RefusalReason =
  | "state-absent"
  | "device-not-bound"
  | "own-key"
  | "token-unknown"
  | "token-void"
  | "token-expired"
  | "key-known"
  | "token-spent"
  | "binding-ended"
  | "codes-spent";

/** A refused message_3. To the gateway all of them look alike. */
export class HandshakeRefusal extends Error {
  override readonly name = "HandshakeRefusal";
  readonly code: RefusalReason;

  constructor(code: RefusalReason) {
    super(`message_3 refused: ${code}`);
    this.code = code;
  }
}

/** Counts refused handshake messages, since the start of this process. */
export interface RefusalCounter {
  /** @param code - Of a closed set: what a peer sends must not make new ones. */
  count(code: string): void;
  /** Counts by reason: the code in small letters behind `handshake-`. */
  all(): Readonly<Record<string, number>>;
}

/** Creates a counter at zero. */
export function createRefusalCounter(): RefusalCounter {
  const counts = new Map<string, number>();
  return {
    count(code) {
      const word = code.toLowerCase().replaceAll("_", "-");
      const reason = word.startsWith("handshake-") ? word : `handshake-${word}`;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    },
    all: () => Object.fromEntries(counts),
  };
}
