import { equalBytes, type Bytes } from "@siphms/cose";
import {
  MessageError,
  parseReceipt,
  parseSigned,
  peekMessageId,
  TYP,
  type Receipt,
} from "@siphms/messages";

/** The item that was sealed last, as it travels: for people who want to look, no part of the protocol's work. */
export interface InspectedItem {
  readonly messageId: Bytes;
  /** The whole envelope: what the gateway sees. */
  readonly envelope: Bytes;
  /** This device's signature, which lies inside the envelope; 64 bytes. */
  readonly signature: Bytes;
  /** The hospital's signed receipt as it came, once it was verified and acted on. */
  readonly receipt?: Bytes;
  readonly outcome?: Receipt["outcome"];
}

/** What keys and sessions look like from outside. Public values only: no key's secret half, nothing opened. */
export interface Inspection {
  /** SHA-256 of the hospital's pinned key, 32 bytes. */
  readonly hospitalThumbprint?: Bytes;
  /** SHA-256 of this device's key, 32 bytes. */
  readonly deviceThumbprint?: Bytes;
  /**
   * The open session. That there is one says that both signatures verified: the hospital's by this device in message_2,
   * this device's by the hospital before it sent message_4.
   */
  readonly session?: {
    readonly sid: Bytes;
    /** ms, this device's clock. */
    readonly opened: number;
    /** ms, this device's clock. */
    readonly expires: number;
  };
  readonly lastItem?: InspectedItem;
}

/** Remembers the last item with readings that was sealed, and its receipt; in memory only. */
export class LastItem {
  #item: InspectedItem | undefined;

  get item(): InspectedItem | undefined {
    return this.#item;
  }

  /** A message was sealed. Requests are passed over: they are no item. */
  sealed(signed: Bytes, envelope: Bytes): void {
    const { typ, sign1 } = parseSigned(signed);
    const messageId = typ === TYP.readings ? peekMessageId(sign1.payload) : undefined;
    if (messageId === undefined) return;
    this.#item = { messageId, envelope, signature: sign1.signature };
  }

  /** A message of the hospital was verified and acted on. */
  received(message: {
    readonly typ: string;
    readonly payload: Bytes;
    readonly signed: Bytes;
  }): void {
    const item = this.#item;
    if (item === undefined || message.typ !== TYP.receipt) return;
    const receipt = readReceipt(message.payload);
    if (receipt === undefined || !equalBytes(receipt.messageId, item.messageId)) return;
    this.#item = { ...item, receipt: message.signed, outcome: receipt.outcome };
  }
}

function readReceipt(payload: Bytes): Receipt | undefined {
  try {
    return parseReceipt(payload);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
