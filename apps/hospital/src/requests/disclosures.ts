import type { CborMap } from "@siphms/cose";
import { METHODS, type Disclosure, type Request } from "@siphms/messages";
import { readLooks, type Look } from "../audit/index.ts";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readStaffNames } from "../staff/index.ts";

/** Looks of one answer at most: with the longest names they fit into any envelope. */
const MAX_LOOKS = 120;
/** Beyond it lies no time that the database holds. */
const END_OF_TIME = 2 ** 48;

/**
 * Answers `disclosures`: who was shown something of the patient's record in a range of time, `from` included and `to` not,
 * oldest first. People are named; role, purpose and what was shown are codes.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA`
 */
export async function readDisclosures(
  queryable: Queryable,
  { request, patientId }: { readonly request: Request; readonly patientId: string },
  keyring: Keyring,
): Promise<CborMap> {
  const { parameters, result } = METHODS.disclosures;
  const { from, to } = parameters.parse(request.parameters);
  const looks = await readLooks(queryable, {
    ...{ patientId, limit: MAX_LOOKS + 1 },
    from: Math.min(from, END_OF_TIME),
    to: Math.min(to, END_OF_TIME),
  });
  const next = looks[MAX_LOOKS];
  // A time that was begun is given whole, in the next answer.
  const given = next === undefined ? looks : looks.filter(({ at }) => at < next.at);
  const names = given.length === 0 ? new Map() : await readStaffNames(queryable, keyring);
  const disclosures = given.map((look) => describe(look, names));
  return result.encode(next === undefined ? { disclosures } : { disclosures, nextFrom: next.at });
}

function describe(look: Look, names: ReadonlyMap<string, string>): Disclosure {
  const { at, actor, role, purpose, what } = look;
  return {
    at,
    who: names.get(actor) ?? actor,
    role: role ?? "",
    purpose: purpose ?? "",
    what: what ?? "",
  };
}
