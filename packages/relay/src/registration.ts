import { decodeBase64Url } from "./bytes.ts";
import { RelayError } from "./error.ts";
import { HOSPITAL_ID_PATTERN, isHttpOrigin } from "./routes.ts";

/** A hospital's public pass key as a JWK, with these members and no others. */
export interface PassKeyJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** What a hospital hands to a gateway's operator to be admitted. */
export interface Registration {
  /** The hospital-id of invitations, passes and addresses. */
  readonly id: string;
  /** For the operator's list only. */
  readonly name: string;
  /** Verifies gateway passes and uplink tokens; used for nothing else. */
  readonly passKey: PassKeyJwk;
  /** Where the hospital serves its patient app; CORS allows this origin. */
  readonly appOrigin: string;
}

/**
 * Reads a registration file.
 *
 * Whether the point lies on the curve is left to whoever imports the key.
 *
 * @param json - The file's text.
 * @throws {RelayError} `REGISTRATION_INVALID` with a message that names the member.
 */
export function parseRegistration(json: string): Registration {
  const object = members(parseJson(json), "the file", ["id", "name", "passKey", "appOrigin"]);
  const key = members(object.get("passKey"), "passKey", ["kty", "crv", "x", "y"]);
  if (key.get("kty") !== "EC" || key.get("crv") !== "P-256")
    throw invalid("passKey must be EC on P-256");
  const id = text(object, "id");
  const name = text(object, "name");
  const appOrigin = text(object, "appOrigin");
  if (!HOSPITAL_ID_PATTERN.test(id)) throw invalid("id must be 1 to 63 of a-z, 0-9 and -");
  // Control characters would let a name forge lines in the operator's list.
  if (name.length < 1 || name.length > 200 || /\p{Cc}/u.test(name)) {
    throw invalid("name must be 1 to 200 printable characters");
  }
  if (!isHttpOrigin(appOrigin)) {
    throw invalid("appOrigin must be an https origin without path (http only on loopback)");
  }
  return {
    id,
    name,
    passKey: { kty: "EC", crv: "P-256", x: coordinate(key, "x"), y: coordinate(key, "y") },
    appOrigin,
  };
}

function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return value;
  } catch {
    // The parser's own message quotes the input.
    throw invalid("the file is not JSON");
  }
}

function members(value: unknown, what: string, names: readonly string[]): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${what} must be a JSON object`);
  }
  const found = new Map<string, unknown>(Object.entries(value));
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) throw invalid(`${what} lacks ${missing}`);
  // A private key (`d`) handed over by mistake must not be kept, so nothing unknown is.
  if (found.size !== names.length)
    throw invalid(`${what} must hold ${names.join(", ")} and nothing else`);
  return found;
}

function text(object: ReadonlyMap<string, unknown>, name: string): string {
  const value = object.get(name);
  if (typeof value !== "string") throw invalid(`${name} must be a text`);
  return value;
}

function coordinate(key: ReadonlyMap<string, unknown>, name: string): string {
  const value = text(key, name);
  if (!isCoordinate(value)) throw invalid(`passKey.${name} must be 32 bytes in base64url`);
  return value;
}

function isCoordinate(value: string): boolean {
  try {
    return decodeBase64Url(value).length === 32;
  } catch (cause) {
    if (cause instanceof RelayError) return false;
    throw cause;
  }
}

function invalid(message: string): RelayError {
  return new RelayError("REGISTRATION_INVALID", message);
}
