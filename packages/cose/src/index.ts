export { asBytes, compareBytes, concatBytes, equalBytes, type Bytes } from "./bytes.ts";
export { fromBase64Url, toBase64Url } from "./base64url.ts";
export { fromHex, toHex } from "./hex.ts";
export { CoseError, type CoseErrorCode, type CredentialFault } from "./cose-error.ts";
export {
  DEFAULT_CBOR_LIMITS,
  isCborArray,
  isCborMap,
  type CborKey,
  type CborLimits,
  type CborMap,
  type CborValue,
} from "./cbor-value.ts";
export { encodeCbor } from "./cbor-encode.ts";
export { decodeCbor, decodeCborSequence, type CborSequenceItem } from "./cbor-decode.ts";
export type { AgreementKey, Crypto, PublicPoint, SigningKey, VerifyKey } from "./crypto.ts";
export { hkdfExpandWith } from "./hkdf.ts";
export { isOnCurve, pointFromX } from "./point.ts";
export {
  createCredential,
  DEVICE_SUB,
  hospitalSub,
  parseCredential,
  thumbprint,
  type Credential,
} from "./credential.ts";
export {
  encodeSign1,
  parseSign1,
  payloadOfSign1,
  signSign1,
  sigStructure,
  verifySign1,
  type Sign1,
  type Sign1Input,
} from "./sign1.ts";
export {
  encStructure,
  encodeEncrypt0,
  openEncrypt0,
  parseEncrypt0,
  sealEncrypt0,
  type Encrypt0,
  type Encrypt0Input,
} from "./encrypt0.ts";
export { createWebCrypto } from "./web-crypto.ts";
