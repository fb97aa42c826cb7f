import type { Bytes, CborSequenceItem } from "@siphms/cose";
import { concatBytes, encodeCbor, isCborMap } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";

/**
 * ID_CRED_x: how a message says which credential its signature belongs to.
 *
 * `kid` is a reference, `ccs` the credential itself (its CBOR bytes). `other` is any other COSE header map
 * as its CBOR bytes; the profile refuses it, the RFC's own traces need it (x5t).
 *
 * @see RFC 9528 §3.5.3
 */
export type IdCred =
  | { readonly kind: "kid"; readonly kid: Bytes }
  | { readonly kind: "ccs"; readonly cred: Bytes }
  | { readonly kind: "other"; readonly map: Bytes };

const KID = 4;
const KCCS = 14;
/** `{14: …}` without the value: encoding is deterministic, so these are always the bytes before a CCS by value. */
const KCCS_MAP_HEAD = new Uint8Array([0xa1, KCCS]);

/** ID_CRED_x as the header map that goes into context_x and Sig_structure. */
export function encodeIdCred(idCred: IdCred): Bytes {
  switch (idCred.kind) {
    case "kid":
      return encodeCbor(new Map([[KID, idCred.kid]]));
    case "ccs":
      return concatBytes(KCCS_MAP_HEAD, idCred.cred);
    case "other":
      return idCred.map;
  }
}

/** ID_CRED_x as it stands in a plaintext: a lone kid goes bare (RFC 9528 §3.5.3.2), anything else as the map. */
export function encodeCompactIdCred(idCred: IdCred): Bytes {
  return idCred.kind === "kid" ? encodeIdentifier(idCred.kid) : encodeIdCred(idCred);
}

/**
 * Reads ID_CRED_x from a plaintext.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED`, also for a lone kid that comes as a map: it has to come bare.
 */
export function parseCompactIdCred(item: CborSequenceItem | undefined): IdCred {
  if (item === undefined || !isCborMap(item.value)) {
    return { kind: "kid", kid: parseIdentifier(item) };
  }
  const { value: map } = item;
  const isAlone = map.size === 1;
  if (map.size === 0 || (isAlone && map.has(KID))) {
    throw new EdhocError("EDHOC_MALFORMED", "ID_CRED_x");
  }
  return isAlone && isCborMap(map.get(KCCS))
    ? { kind: "ccs", cred: item.raw.slice(KCCS_MAP_HEAD.length) }
    : { kind: "other", map: item.raw };
}
