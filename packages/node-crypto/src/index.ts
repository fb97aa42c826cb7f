export { createNodeCrypto, type NodeCrypto } from "./node-crypto.ts";
export {
  createSignatureCrew,
  type SignatureCrew,
  type SignatureToVerify,
  type TextToSign,
} from "./signature-crew.ts";
