import {
  type Bytes,
  type CborMap,
  CoseError,
  type Credential,
  type Crypto,
  encodeCbor,
  fromBase64Url,
  hospitalSub,
  parseCredential,
  toBase64Url,
} from "@siphms/cose";
import { isGatewayUrl, isHospitalId, isWebOrigin } from "./addresses.ts";
import { MessageError } from "./error.ts";
import {
  cborMap,
  checkArgument,
  decodeAs,
  readBytes,
  readBytesOf,
  readMap,
  readText,
  readUint,
  refuseUnknownKeys,
} from "./schema.ts";

const VERSION = 1;
const LINK_PATH = "/enrol";

/** What staff hand the patient as a QR code: where to enrol, with whom, and the one-use right to do so. */
export interface Invitation {
  /** An https origin; http only on loopback. */
  readonly gatewayUrl: string;
  readonly hospitalId: string;
  /** The hospital's credential (CRED_R), which the device pins. */
  readonly credential: Credential;
  /** 16 random bytes, one use. */
  readonly token: Bytes;
  /** ms; the hospital judges it, a device only warns. */
  readonly expires: number;
  readonly hospitalName: string;
}

interface Members extends Omit<Invitation, "credential"> {
  readonly credentialBytes: Bytes;
}

const readToken = readBytesOf(16);

/**
 * Encodes an invitation.
 *
 * @throws {RangeError} for an invitation that a device would refuse.
 */
export function encodeInvitation(invitation: Invitation): Bytes {
  const map = cborMap(
    [1, VERSION],
    [2, invitation.gatewayUrl],
    [3, invitation.hospitalId],
    [4, invitation.credential.bytes],
    [5, invitation.token],
    [6, invitation.expires],
    [7, invitation.hospitalName],
  );
  checkArgument("invitation", () => readMembers(map));
  if (invitation.credential.sub !== hospitalSub(invitation.hospitalId))
    throw new RangeError("invitation: credential of another hospital");
  return encodeCbor(map);
}

/**
 * Parses an invitation and checks the hospital's credential in it: its subject, kid and point.
 *
 * Asynchronous because the kid is checked against the key's thumbprint. Whether it has expired is not judged.
 *
 * @throws {MessageError} `INVITATION_INVALID` (reasons `cbor`, `schema`, `version`, `gateway-url`, `hospital-id`, and for
 *   the credential `sub`, `kid`, `point`, `schema`).
 * @see protocol section 4
 */
export async function parseInvitation(bytes: Uint8Array, crypto: Crypto): Promise<Invitation> {
  const { credentialBytes, ...members } = decodeAs("INVITATION_INVALID", bytes, (value) =>
    readMembers(readMap(value, "schema")),
  );
  try {
    const sub = hospitalSub(members.hospitalId);
    return { ...members, credential: await parseCredential(credentialBytes, sub, crypto) };
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    throw new MessageError("INVITATION_INVALID", error.reason ?? "cbor", { cause: error });
  }
}

/**
 * The link that the QR code shows. The invitation stands in the fragment, which browsers send to no server.
 *
 * @param appOrigin - Origin of the patient app: the hospital's own, never the gateway's.
 * @throws {RangeError} for an invitation that a device would refuse, or an `appOrigin` that is no https origin.
 */
export function invitationLink(appOrigin: string, invitation: Invitation): string {
  if (!isWebOrigin(appOrigin)) throw new RangeError("appOrigin: an https origin without path");
  return `${appOrigin}${LINK_PATH}#${toBase64Url(encodeInvitation(invitation))}`;
}

/**
 * Takes the invitation out of a link.
 *
 * @throws {MessageError} `INVITATION_INVALID` as {@link parseInvitation}, and with the reasons `link` and `base64url`.
 */
export async function parseInvitationLink(link: string, crypto: Crypto): Promise<Invitation> {
  if (!URL.canParse(link)) throw new MessageError("INVITATION_INVALID", "link");
  const { pathname, hash } = new URL(link);
  if (pathname !== LINK_PATH || hash === "") throw new MessageError("INVITATION_INVALID", "link");
  return parseInvitation(readFragment(hash.slice(1)), crypto);
}

function readFragment(fragment: string): Bytes {
  try {
    return fromBase64Url(fragment);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    throw new MessageError("INVITATION_INVALID", "base64url", { cause: error });
  }
}

function readMembers(map: CborMap): Members {
  const refuse = (reason: string): never => {
    throw new MessageError("INVITATION_INVALID", reason);
  };
  const member = "schema";
  refuseUnknownKeys(map, [1, 2, 3, 4, 5, 6, 7], member);
  if (readUint(map.get(1), member) !== VERSION) refuse("version");
  const gatewayUrl = readText(map.get(2), member);
  if (!isGatewayUrl(gatewayUrl)) refuse("gateway-url");
  const hospitalId = readText(map.get(3), member);
  if (!isHospitalId(hospitalId)) refuse("hospital-id");
  return {
    gatewayUrl,
    hospitalId,
    credentialBytes: readBytes(map.get(4), member),
    token: readToken(map.get(5), member),
    expires: readUint(map.get(6), member),
    hospitalName: readText(map.get(7), member),
  };
}
