import type { Bytes, CborMap, Crypto } from "@siphms/cose";
import {
  createMessageId,
  encodeReadings,
  encodeRequest,
  signMessage,
  TYP,
  type Series,
  type Typ,
} from "@siphms/messages";
import { DeviceError } from "./errors.ts";
import type { HospitalKey } from "./identity.ts";
import type { IdentityKeeper } from "./identity-keeper.ts";
import type { NewItem } from "./outbox.ts";
import { splitReadings, type Unsigned } from "./split.ts";

/** A message of this device, signed for one hospital key. */
export interface SignedMessage {
  readonly messageId: Bytes;
  readonly created: number;
  readonly signed: Bytes;
  /** SHA-256 of the signed text. */
  readonly name: Bytes;
  /** Thumbprint of the hospital key. */
  readonly recipient: Bytes;
}

/** What {@link Author} needs. */
export interface AuthorContext {
  readonly crypto: Crypto;
  readonly keeper: IdentityKeeper;
  /** The hospital key of the open session, if there is one: else the pinned one counts (protocol section 6). */
  readonly sessionHospital: () => HospitalKey | undefined;
}

/** Writes and signs this device's messages. */
export class Author {
  readonly #context: AuthorContext;

  /** Signs nothing before it is asked. */
  constructor(context: AuthorContext) {
    this.#context = context;
  }

  /**
   * Signs readings, in as many items as the limits ask for, all with the time of now.
   *
   * @throws {DeviceError} `READINGS_INVALID`, `NOT_ENROLLED`.
   */
  async writeReadings(series: readonly Series[]): Promise<readonly NewItem[]> {
    const parts = splitOrThrow(series, (some) =>
      this.#create((head) => encodeReadings({ ...head, series: some })),
    );
    return Promise.all(
      parts.map(async ({ samples, ...unsigned }) => {
        return { ...(await this.#sign(TYP.readings, unsigned)), samples };
      }),
    );
  }

  /** Signs a request. @throws {DeviceError} `NOT_ENROLLED`. */
  async writeRequest(method: string, parameters: CborMap): Promise<SignedMessage> {
    const unsigned = this.#create((head) => encodeRequest({ ...head, method, parameters }));
    return this.#sign(TYP.request, unsigned);
  }

  #create(
    encode: (head: { readonly messageId: Bytes; readonly created: number }) => Bytes,
  ): Unsigned {
    const { keeper, crypto } = this.#context;
    const created = keeper.now();
    const head = { messageId: createMessageId(created, crypto), created };
    return { ...head, payload: encode(head) };
  }

  async #sign(typ: Typ, { payload, ...head }: Unsigned): Promise<SignedMessage> {
    const { keeper, crypto, sessionHospital } = this.#context;
    const recipient = (sessionHospital() ?? keeper.identity.pinned).credential.thumbprint;
    const { credential, signingKey } = keeper.key;
    const sender = { kid: credential.kid, thumbprint: credential.thumbprint };
    const input = { typ, payload, sender, recipientThumbprint: recipient, key: signingKey };
    return { ...head, ...(await signMessage(input, crypto)), recipient };
  }
}

function splitOrThrow(
  ...input: Parameters<typeof splitReadings>
): ReturnType<typeof splitReadings> {
  try {
    return splitReadings(...input);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DeviceError("READINGS_INVALID", "These readings are not of the protocol's form.", {
      cause,
    });
  }
}
