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
  /**
   * Verifier keys of the hospital's audit log (C2SP signed-note), which the gateway's witness cosigns; absent where the
   * hospital asks for no witness. Several while one follows another.
   */
  readonly logKeys?: readonly string[];
}

const MAX_LOG_KEYS = 16;
const VERIFIER_KEY = /^([a-z0-9/-]{1,100})\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$/;

/**
 * Reads a registration file.
 *
 * Whether the point lies on the curve is left to whoever imports the key.
 *
 * @param json - The file's text.
 * @throws {RelayError} `REGISTRATION_INVALID` with a message that names the member.
 */
export function parseRegistration(json: string): Registration {
  const object = members(parseJson(json), "the file", {
    needed: ["id", "name", "passKey", "appOrigin"],
    optional: ["logKeys"],
  });
  const key = members(object.get("passKey"), "passKey", { needed: ["kty", "crv", "x", "y"] });
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
  const logKeys = logKeysOf(object.get("logKeys"), id);
  return {
    id,
    name,
    passKey: { kty: "EC", crv: "P-256", x: coordinate(key, "x"), y: coordinate(key, "y") },
    appOrigin,
    ...(logKeys !== undefined && { logKeys }),
  };
}

/** Of which hospital's audit log an origin is; `undefined` for an origin of another form. */
export function hospitalOfLog(origin: string): string | undefined {
  return /^siphms\/([a-z0-9-]{1,63})\/audit\/[1-9]\d{0,11}$/.exec(origin)?.[1];
}

// Whether it is a key at all is left to whoever reads it; what counts here is that no hospital speaks for another's log.
function logKeysOf(value: unknown, id: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_LOG_KEYS) {
    throw invalid("logKeys must be 1 to 16 verifier keys");
  }
  return value.map((one: unknown) => {
    const origin = typeof one === "string" ? (VERIFIER_KEY.exec(one)?.[1] ?? "") : "";
    if (typeof one !== "string" || hospitalOfLog(origin) !== id) {
      throw invalid("logKeys must be verifier keys named siphms/<its id>/audit/<number>");
    }
    return one;
  });
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

function members(
  value: unknown,
  what: string,
  names: { readonly needed: readonly string[]; readonly optional?: readonly string[] },
): Map<string, unknown> {
  const { needed, optional = [] } = names;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${what} must be a JSON object`);
  }
  const found = new Map<string, unknown>(Object.entries(value));
  const missing = needed.find((name) => !found.has(name));
  if (missing !== undefined) throw invalid(`${what} lacks ${missing}`);
  // A private key (`d`) handed over by mistake must not be kept, so nothing unknown is.
  const all = [...needed, ...optional];
  if ([...found.keys()].some((name) => !all.includes(name)))
    throw invalid(`${what} must hold ${all.join(", ")} and nothing else`);
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
