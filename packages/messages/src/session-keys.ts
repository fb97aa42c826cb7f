import type { Bytes } from "@siphms/cose";

/** `EDHOC_Exporter` of a finished handshake (RFC 9528 §4.2.1), as the EDHOC package hands it out. */
export type Exporter = (label: number, context: Uint8Array, length: number) => Promise<Bytes>;

/** The session's id, and key and base IV for each direction: up to the hospital, down to the device. */
export interface SessionKeys {
  /** 16 bytes. */
  readonly sid: Bytes;
  /** 32 bytes. */
  readonly keyUp: Bytes;
  /** 12 bytes. */
  readonly ivUp: Bytes;
  /** 32 bytes. */
  readonly keyDown: Bytes;
  /** 12 bytes. */
  readonly ivDown: Bytes;
}

const LABEL = {
  keyUp: 32768,
  ivUp: 32769,
  keyDown: 32770,
  ivDown: 32771,
  sid: 32772,
  secret: 32773,
};
const NO_CONTEXT = new Uint8Array();

/**
 * Derives what seals and names a session.
 *
 * @see protocol section 5, "From the exporter"
 */
export async function deriveSessionKeys(exporter: Exporter): Promise<SessionKeys> {
  const [keyUp, ivUp, keyDown, ivDown, sid] = await Promise.all([
    exporter(LABEL.keyUp, NO_CONTEXT, 32),
    exporter(LABEL.ivUp, NO_CONTEXT, 12),
    exporter(LABEL.keyDown, NO_CONTEXT, 32),
    exporter(LABEL.ivDown, NO_CONTEXT, 12),
    exporter(LABEL.sid, NO_CONTEXT, 16),
  ]);
  return { sid, keyUp, ivUp, keyDown, ivDown };
}

/** Derives the 32-byte secret that goes into the confirmation code of an enrolment (protocol section 4, step 4). */
export async function deriveConfirmationSecret(exporter: Exporter): Promise<Bytes> {
  return exporter(LABEL.secret, NO_CONTEXT, 32);
}
