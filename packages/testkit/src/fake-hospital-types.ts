import type { Bytes, Credential, SigningKey, VerifyKey } from "@siphms/cose";
import type { Receipt, Request, Response, SessionGrant, SessionKeys } from "@siphms/messages";

/** A key of the fake hospital's, current or retired. */
export interface FakeHospitalKey {
  readonly credential: Credential;
  readonly signingKey: SigningKey;
}

/** A device as the fake hospital knows it. */
export interface FakeBinding {
  readonly credential: Credential;
  readonly key: VerifyKey;
  readonly token: string;
  state: "pending" | "active" | "revoked";
  /** The codes that staff saw, oldest first. */
  readonly codes: string[];
}

/** A session as the fake hospital knows it. */
export interface FakeSession {
  readonly keys: SessionKeys;
  readonly binding: FakeBinding;
  readonly hospitalKey: FakeHospitalKey;
  readonly secret: Bytes;
  readonly nonceH: Bytes;
  readonly commitment: Bytes | undefined;
  nextSeq: number;
  isClosed: boolean;
  /** Digests and answers by the device's sequence number. */
  readonly bySeq: Map<number, { readonly digest: string; readonly answer: Bytes | undefined }>;
}

/** An item that the fake hospital stored. */
export interface FakeStoredItem {
  readonly device: string;
  readonly messageId: string;
  readonly name: string;
  readonly samples: number;
  readonly signed: Bytes;
  readonly receipt: Receipt;
}

/** What a handshake step yields: bytes to pass on, or an EDHOC error message. */
export type FakeHandshakeAnswer =
  | { readonly kind: "answer"; readonly body: Bytes }
  | { readonly kind: "edhoc-error"; readonly body: Bytes }
  | { readonly kind: "hospital-key-unknown" };

/** What a test may bend. */
export interface FakeHospitalBehaviour {
  /** Changes the grant of the next sessions. */
  grant?: (grant: SessionGrant) => SessionGrant;
  /** Changes a receipt before it is signed. */
  receipt?: (receipt: Receipt) => Receipt;
  /** Answers a request in the hospital's place; `undefined` leaves it to the hospital. */
  respond?: (request: Request, session: FakeSession) => Omit<Response, "requestId"> | undefined;
  /** Makes the hospital mark what it gets "no answer". */
  unreadable?: (session: FakeSession) => boolean;
  /** How long a session lives. */
  sessionMs?: number;
}
