export { createNodeCrypto, type NodeCrypto } from "./node-crypto.ts";
