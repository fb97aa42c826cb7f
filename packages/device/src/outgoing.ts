import type { Bytes } from "@siphms/cose";
import type { Sealed } from "./outbox-record.ts";

/**
 * A signed message on its way: an item of the outbox or a request. Whoever sends it asks and tells it everything that
 * differs between the two.
 */
export interface Outgoing {
  /** The signed bytes, made when it was measured or asked. */
  signed(): Promise<Bytes>;
  /** Its sealed bytes in this session, if it was sealed there already. */
  sealedIn(sid: Bytes): Sealed | undefined;
  /** Keeps sealed bytes; nothing is sent before this resolves. */
  keepSealed(sealed: Sealed): Promise<void>;
  /** 202: the gateway holds it durably. */
  atGateway(): Promise<void>;
  /** 204: the hospital cannot read it. True if it is to be sealed again under a new session. */
  noAnswer(): Promise<boolean>;
  /** 413, 400 or 415: there is no point in sending it again now. */
  undeliverable(reason: "too-large" | "gateway-refused"): Promise<void>;
  /** Aborts when nothing more is to be done: freed, kept, answered or given up. */
  readonly settled: AbortSignal;
  /** Ends this try. What is not settled waits for the next one. */
  release(): void;
}
