import type { Bytes } from "@siphms/cose";
import type { HandshakeOutcome } from "@siphms/relay";

/** What the gateway is told about one message of a handshake. */
export interface HandshakeReply {
  readonly outcome: HandshakeOutcome;
  /** message_2, message_4 or an EDHOC error message; empty with every other outcome. */
  readonly body: Bytes;
}

/** An envelope for a device that nobody asked for: it goes into the session's mailbox. */
export interface Unsolicited {
  readonly gateway: string;
  readonly sid: Bytes;
  readonly envelope: Bytes;
}

/** The way to the gateways, as far as sessions need it. What is lost on it is sent again after the next connecting. */
export interface GatewayLink {
  /** Tells the gateway that the session's pass is dead. */
  closeSession(gateway: string, sid: Bytes): void;
  /** Puts an envelope into the session's mailbox. False where there is no connection at this moment. */
  deliver(envelope: Unsolicited): boolean;
  /** gateway-urls of those that are connected here at this moment. */
  connected(): readonly string[];
}
