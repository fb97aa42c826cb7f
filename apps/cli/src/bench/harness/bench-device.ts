import type { Bytes, Credential, SigningKey, VerifyKey } from "@siphms/cose";
import type { SessionKeys } from "@siphms/messages";

/** The way of a bench's devices to the hospital: the real gateway (`createHttpGateway`), or a stub. */
export interface BenchGateway {
  /** Sends message_1, prefixed, for a hospital key; gives message_2, and how to send message_3, which gives message_4. */
  begin(input: {
    readonly hospitalId: string;
    readonly kid: Bytes;
    readonly body: Bytes;
  }): Promise<{
    readonly message2: Bytes;
    readonly finish: (body: Bytes) => Promise<Bytes>;
  }>;
  /** Sends one envelope and waits for the envelope that answers it. */
  post(session: { readonly sid: Bytes; readonly pass: string }, envelope: Bytes): Promise<Bytes>;
}

/** Who a device is and whom it trusts. */
export interface BenchIdentity {
  readonly key: SigningKey;
  readonly credential: Credential;
  readonly hospitalId: string;
  readonly hospital: { readonly credential: Credential; readonly verifyKey: VerifyKey };
}

/** A device that is enrolled and active, with its keys in memory. */
export interface BenchDevice extends BenchIdentity {
  readonly mrn: string;
  /** The hospital's id of its patient. */
  readonly patient: string;
}

/** An open session of a device. */
export interface BenchSession {
  readonly device: BenchIdentity;
  readonly keys: SessionKeys;
  /** Gateway pass. */
  readonly pass: string;
  /** ms; nothing is sealed after this. */
  readonly expires: number;
  /** The next sequence number towards the hospital; whoever seals counts it up. */
  nextSeq: number;
}
