const HOSPITAL_ID = /^[a-z0-9-]{1,63}$/;
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const MAX_GATEWAY_URL_CHARACTERS = 128;

/** True for a hospital-id: 1 to 63 of `a-z`, `0-9` and `-` (protocol section 3). */
export function isHospitalId(text: string): boolean {
  return HOSPITAL_ID.test(text);
}

/** True for a gateway-url: an https origin without path, at most 128 characters; http only on loopback (protocol section 3). */
export function isGatewayUrl(text: string): boolean {
  return text.length <= MAX_GATEWAY_URL_CHARACTERS && isWebOrigin(text);
}

/**
 * True for an origin in its one serialised form, https, or http on loopback.
 *
 * The comparison with the parsed origin refuses path, trailing slash, user information, query, capitals in the host and a
 * port that is the scheme's own.
 */
export function isWebOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.origin !== text) return false;
  return (
    url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK_HOST.test(url.hostname))
  );
}
