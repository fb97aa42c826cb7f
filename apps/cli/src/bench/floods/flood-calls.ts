/** What attackers send. */
export type FloodKind =
  /** Good message_1, the beginning of handshakes that nobody goes on with. */
  | "message-1"
  /** Whole handshakes up to a message_3 that is refused. */
  | "message-3"
  /** Envelopes with a text in place of a pass. */
  | "garbage-passes"
  /** Envelopes with a pass whose signature is false, each another one. */
  | "forged-passes"
  /** Envelopes with a good pass, for another session. */
  | "foreign-passes"
  /** Bodies that are announced with a tebibyte, and sent on and on, with a good pass. */
  | "huge-bodies"
  /** Headers of which a byte comes a second. */
  | "slow-headers"
  /** Bodies of which a byte comes a second, with a good pass. */
  | "slow-bodies"
  /** Connections on which nothing comes. */
  | "silent-connections"
  /** A request with a false pass on a new connection each, which is left at once. */
  | "new-connections"
  /** Mailbox waits of sessions that have nothing else to do. */
  | "idle-waits";

/** An attack. */
export interface FloodPlan {
  readonly kind: FloodKind;
  /** Requests, or new connections, a second: an open loop. */
  readonly perSecond: number;
  /** Connections at once. */
  readonly connections: number;
  /** Addresses of this machine over which the connections are spread. */
  readonly addresses: number;
  /** Which addresses: 100 to 199. Those of one network are the same again, with all that they have used up. */
  readonly network: number;
}

/** What became of an attack. */
export interface FloodReport {
  readonly seconds: number;
  /** Requests that were answered, or connections that were ended. */
  readonly refused: number;
  /** How many by HTTP status; `lost` for a connection that ended without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections, or waits, that are held at the end. */
  readonly held: number;
}

/** What became of devices that came new during an attack, one after the other. */
export interface NewcomerReport {
  readonly sessions: number;
  /** Times that one was told to wait. */
  readonly toldToWait: number;
  /** From the first try to the session, ms; null where none was opened. */
  readonly longestMs: number | null;
}

/** What an attacker's process can be asked. */
export interface FloodCalls {
  /** Enrols a device and opens sessions with it, from many addresses. */
  prepare(input: {
    readonly gatewayUrl: string;
    readonly operatorSocket: string;
    readonly sessions: number;
  }): Promise<null>;
  begin(plan: FloodPlan): Promise<null>;
  end(input: null): Promise<FloodReport>;
  /** Burns so much CPU as an attack did, without sending anything. */
  beginBurning(cores: number): Promise<null>;
  endBurning(input: null): Promise<null>;
  /** Lets a device open sessions, one after the other, as new devices do; it is as patient as a device. */
  beginNewcomers(input: null): Promise<null>;
  endNewcomers(input: null): Promise<NewcomerReport>;
}
