import {
  createCredential,
  hospitalSub,
  type Bytes,
  type Credential,
  type Crypto,
  type SigningKey,
} from "@siphms/cose";
import { createMessage2, createSuiteMinus21, processMessage1, splitMessage1 } from "@siphms/edhoc";

/** Somebody with a key of his own who calls himself the hospital: a whole EDHOC responder, but not the pinned one. */
export class FalseHospital {
  readonly credential: Credential;
  readonly #key: SigningKey;
  readonly #crypto: Crypto;

  private constructor(parts: { credential: Credential; key: SigningKey; crypto: Crypto }) {
    this.credential = parts.credential;
    this.#key = parts.key;
    this.#crypto = parts.crypto;
  }

  static async create(hospitalId: string, crypto: Crypto): Promise<FalseHospital> {
    const key = await crypto.generateSigningKey({ extractable: false });
    const credential = await createCredential(hospitalSub(hospitalId), key.publicPoint, crypto);
    return new FalseHospital({ credential, key, crypto });
  }

  /**
   * Answers message_1 with a message_2 that is right in every respect but the key.
   *
   * @param claimed - The credential that it shows: its own, or the true hospital's, whose key it does not have.
   */
  async answer(body: Bytes, claimed: Credential = this.credential): Promise<Bytes> {
    const suites = [createSuiteMinus21(this.#crypto)];
    const { state } = await processMessage1(suites, splitMessage1(body));
    const idCred = { kind: "kid", kid: claimed.kid } as const;
    const own = { idCred, cred: claimed.bytes, key: this.#key };
    return (await createMessage2(state, own)).message2;
  }
}
