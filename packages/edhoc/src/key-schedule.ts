import type { Bytes } from "@siphms/cose";
import { concatBytes, encodeCbor } from "@siphms/cose";
import type { AeadParameters, Suite } from "./suite.ts";
import { associatedData } from "./transcript.ts";

/**
 * The key schedule of RFC 9528 §4, for method 0.
 *
 * Both sides sign, so neither static Diffie-Hellman secret is mixed in: PRK_3e2m = PRK_2e and
 * PRK_4e3m = PRK_3e2m (§4.1.1.2, §4.1.1.3), and MAC_2, MAC_3 have the length of the hash (§5.3.2, §5.4.2).
 * Labels 1 and 5 (SALT_3e2m, SALT_4e3m) are therefore not used.
 */
const LABEL = {
  keystream2: 0,
  mac2: 2,
  k3: 3,
  iv3: 4,
  mac3: 6,
  prkOut: 7,
  k4: 8,
  iv4: 9,
  prkExporter: 10,
} as const;

const NO_CONTEXT: Bytes = new Uint8Array();
const MAX_EXPORTER_LABEL = 65535;

/** EDHOC_Exporter: keys for the application from a finished handshake. Labels from 32768 on are for private use. */
export type Exporter = (label: number, context: Uint8Array, length: number) => Promise<Bytes>;

/**
 * EDHOC_KDF( PRK, info_label, context, length ) = EDHOC_Expand( PRK, info, length ).
 *
 * `info` is a CBOR sequence, not an array.
 *
 * @see RFC 9528 §4.1.2
 */
export function kdf(
  suite: Suite,
  prk: Bytes,
  output: { readonly label: number; readonly context: Bytes; readonly length: number },
): Promise<Bytes> {
  const info = concatBytes(
    encodeCbor(output.label),
    encodeCbor(output.context),
    encodeCbor(output.length),
  );
  return suite.expand(prk, info, output.length);
}

/** PRK_2e = EDHOC_Extract( TH_2, G_XY ). Erases G_XY. */
export async function derivePrk2e(suite: Suite, th2: Bytes, gXY: Bytes): Promise<Bytes> {
  const prk2e = await suite.extract(th2, gXY);
  gXY.fill(0);
  return prk2e;
}

/** PLAINTEXT_2 XOR KEYSTREAM_2: encrypts and decrypts, and authenticates nothing. */
export async function applyKeystream2(
  suite: Suite,
  { prk2e, th2 }: { readonly prk2e: Bytes; readonly th2: Bytes },
  text: Bytes,
): Promise<Bytes> {
  const keystream = await kdf(suite, prk2e, {
    label: LABEL.keystream2,
    context: th2,
    length: text.length,
  });
  return text.map((byte, at) => byte ^ (keystream[at] ?? 0));
}

/** MAC_2 = EDHOC_KDF( PRK_3e2m, 2, context_2, mac_length_2 ). */
export function deriveMac2(suite: Suite, prk3e2m: Bytes, context: Bytes): Promise<Bytes> {
  return kdf(suite, prk3e2m, { label: LABEL.mac2, context, length: suite.hashLength });
}

/** MAC_3 = EDHOC_KDF( PRK_4e3m, 6, context_3, mac_length_3 ). */
export function deriveMac3(suite: Suite, prk4e3m: Bytes, context: Bytes): Promise<Bytes> {
  return kdf(suite, prk4e3m, { label: LABEL.mac3, context, length: suite.hashLength });
}

/** K_3, IV_3 and associated data of message_3. The keys come from PRK_3e2m, not from PRK_4e3m. */
export async function deriveAead3(
  suite: Suite,
  prk3e2m: Bytes,
  th3: Bytes,
): Promise<AeadParameters> {
  return {
    key: await kdf(suite, prk3e2m, { label: LABEL.k3, context: th3, length: suite.keyLength }),
    nonce: await kdf(suite, prk3e2m, { label: LABEL.iv3, context: th3, length: suite.nonceLength }),
    aad: associatedData(th3),
  };
}

/** K_4, IV_4 and associated data of message_4. */
export async function deriveAead4(
  suite: Suite,
  prk4e3m: Bytes,
  th4: Bytes,
): Promise<AeadParameters> {
  return {
    key: await kdf(suite, prk4e3m, { label: LABEL.k4, context: th4, length: suite.keyLength }),
    nonce: await kdf(suite, prk4e3m, { label: LABEL.iv4, context: th4, length: suite.nonceLength }),
    aad: associatedData(th4),
  };
}

/**
 * The exporter of a finished handshake.
 *
 * PRK_out = EDHOC_KDF( PRK_4e3m, 7, TH_4, hash_length ) and PRK_exporter = EDHOC_KDF( PRK_out, 10, h'', hash_length ).
 * It keeps PRK_exporter and nothing else: PRK_out is erased, so there is no key update (a new handshake is stronger).
 *
 * @see RFC 9528 §4.1.3, §4.2.1
 */
export async function createExporter(suite: Suite, prk4e3m: Bytes, th4: Bytes): Promise<Exporter> {
  const length = suite.hashLength;
  const prkOut = await kdf(suite, prk4e3m, { label: LABEL.prkOut, context: th4, length });
  const exporterOutput = { label: LABEL.prkExporter, context: NO_CONTEXT, length };
  const prkExporter = await kdf(suite, prkOut, exporterOutput);
  prkOut.fill(0);
  return async (label, context, outputLength) => {
    if (!Number.isInteger(label) || label < 0 || label > MAX_EXPORTER_LABEL) {
      throw new RangeError("label is not in 0..65535");
    }
    return kdf(suite, prkExporter, { label, context: context.slice(), length: outputLength });
  };
}
