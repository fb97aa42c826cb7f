import tls from "node:tls";

/** TLS 1.2 only with forward secrecy and authenticated encryption; TLS 1.3 has nothing else. */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
] as const;

/**
 * Versions and ciphers of every listener and every connection of these programs (SR-40), whatever Node.js or the system's
 * OpenSSL would take by default. To be spread into the options of `node:tls`, `node:https` and what stands on them.
 */
export const TLS_RULES: {
  readonly minVersion: "TLSv1.2";
  readonly maxVersion: "TLSv1.3";
  readonly ciphers: string;
  readonly honorCipherOrder: true;
} = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: CIPHERS.join(":"),
  honorCipherOrder: true,
};

/** Makes {@link TLS_RULES} the rules of every connection of this process that names none of its own, `fetch` included. */
export function setTlsRules(): void {
  tls.DEFAULT_MIN_VERSION = TLS_RULES.minVersion;
  tls.DEFAULT_MAX_VERSION = TLS_RULES.maxVersion;
  tls.DEFAULT_CIPHERS = TLS_RULES.ciphers;
}
