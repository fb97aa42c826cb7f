import type { Bytes } from "@siphms/cose";
import { encodeCbor, toHex } from "@siphms/cose";
import type { Suite } from "./suite.ts";

/** What a suite was given and what it answered, so that a trace's intermediate values can be looked for. */
export interface Recording {
  readonly suite: Suite;
  /** Notes a value that no suite operation shows, and the same as a CBOR byte string. */
  readonly note: (...values: readonly Uint8Array[]) => void;
  readonly has: (hex: string) => boolean;
}

/** A suite that does as `suite` does and keeps every byte string that passes, wrapped and unwrapped, as hex. */
export function recording(suite: Suite): Recording {
  const seen = new Set<string>();
  const note = (...values: readonly Uint8Array[]): void => {
    for (const value of values) {
      seen.add(toHex(value));
      seen.add(toHex(encodeCbor(value.slice())));
    }
  };
  const noted = async (
    result: Promise<Bytes>,
    ...inputs: readonly Uint8Array[]
  ): Promise<Bytes> => {
    note(...inputs);
    const output = await result;
    note(output);
    return output;
  };
  return {
    note,
    has: (hex) => seen.has(hex),
    suite: {
      ...suite,
      hash: (data) => noted(suite.hash(data), data),
      extract: (salt, ikm) => noted(suite.extract(salt, ikm), salt, ikm),
      expand: (prk, info, length) => noted(suite.expand(prk, info, length), prk, info),
      seal: (aead, plaintext) =>
        noted(suite.seal(aead, plaintext), aead.key, aead.nonce, aead.aad, plaintext),
      sign: (key, data) => noted(suite.sign(key, data), data),
      verify: (key, signature, data) => {
        note(signature, data);
        return suite.verify(key, signature, data);
      },
    },
  };
}
