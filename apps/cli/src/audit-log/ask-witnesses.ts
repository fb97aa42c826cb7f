import {
  isRestoredAfter,
  lastCheckpointPath,
  LOG_PATHS,
  readOlderHead,
  retiredOrigins,
  tilesOf,
  type LogSource,
} from "@siphms/audit";
import { asBytes, type Bytes } from "@siphms/cose";
import {
  addCosignatures,
  encodeAddCheckpoint,
  MAX_NOTE_BYTES,
  parseCheckpoint,
  parseNote,
  parseWitnessAnswer,
  proveConsistency,
  TlogError,
  type Ed25519Verifier,
  type Policy,
  type PolicyWitness,
  type SignedNote,
  type WitnessAnswer,
} from "@siphms/tlog";

/** What a witness says of a log's newest checkpoint. */
export interface WitnessSaying {
  readonly witness: string;
  readonly url: string;
  /** The origin of an older key, whose last checkpoint was asked about; absent for the newest one. */
  readonly log?: string;
  /** Of an older key: the log was restored from a backup under the next one. */
  readonly isRestored?: boolean;
  /**
   * `agrees`: it has cosigned this very tree. `ahead`: it has cosigned a larger one: the log was rolled back. `fork`: it has
   * cosigned another tree, of which this one is no continuation. `refused`: it does not know the log or its key.
   * `unreachable`: no answer, or none that a witness gives.
   */
  readonly state: "agrees" | "ahead" | "fork" | "refused" | "unreachable";
  /** How many entries the tree has that was asked about. */
  readonly size: number;
  /** How many the tree has that the witness cosigned last, where it says so. */
  readonly witnessSize?: number;
  /** The HTTP status of a refusal. */
  readonly status?: number;
}

/** The log grows and its hospital asks too, so that sizes may have to be told again. */
const TRIES = 5;
const TIMEOUT_MS = 10_000;
const FORK_STATUS = 422;

/** The log, and how the world beyond it is reached. */
export interface AskWitnesses {
  readonly source: LogSource;
  readonly policy: Policy;
  readonly ed25519: Ed25519Verifier;
  /** `fetch`, unless a test stands in. */
  readonly fetch: typeof fetch;
}

/**
 * Asks every witness of the policy that has an address about the log's newest checkpoint, as the hospital itself does: what
 * the witness cosigned last has to be the front of it.
 *
 * A witness knows a tree by its origin, so that under a new key it would take any other. Of a log whose key was rotated it is
 * therefore asked about the last checkpoint of each older key too.
 *
 * A witness that agrees has then cosigned the newest checkpoint.
 */
export async function askWitnesses(asking: AskWitnesses): Promise<readonly WitnessSaying[]> {
  const witnesses = asking.policy.witnesses.filter(({ url }) => url !== undefined);
  const sayings = await Promise.all(witnesses.map((witness) => askOneOfAll(witness, asking)));
  return sayings.flat();
}

async function askOneOfAll(
  witness: PolicyWitness,
  asking: AskWitnesses,
): Promise<readonly WitnessSaying[]> {
  const { source, policy } = asking;
  const newest = await askWitness(witness, asking, () => readNewest(source));
  const sayings = [newest];
  if (newest.state === "unreachable") return sayings;
  const { origin } = parseCheckpoint((await readNewest(source)).note.text);
  for (const log of retiredOrigins(origin, policy)) {
    const head = await readOlderHead(await source.read(lastCheckpointPath(log)), asking);
    // That it is missing, or of another key, is a finding of whoever verifies the log.
    if (head?.checkpoint.origin !== log) continue;
    const last = { note: head.note, size: head.checkpoint.size };
    const saying = await askWitness(witness, asking, () => Promise.resolve(last));
    sayings.push({ ...saying, log, isRestored: isRestoredAfter(log, policy) });
  }
  return sayings;
}

async function askWitness(
  witness: PolicyWitness,
  asking: AskWitnesses,
  read: () => Promise<Newest>,
): Promise<WitnessSaying> {
  const { name, url = "" } = witness;
  let newest = await read();
  let oldSize = newest.size;
  for (let tries = 0; tries < TRIES; tries++) {
    const saying = { witness: name, url, size: newest.size };
    const answer = await ask(witness, { newest, oldSize }, asking);
    if (answer === undefined) return { ...saying, state: "unreachable" };
    if (answer.kind === "cosigned") return { ...saying, state: "agrees", witnessSize: newest.size };
    if (answer.kind === "refused") return { ...saying, ...refusal(answer.status) };
    if (answer.size > newest.size) {
      newest = await read();
      if (answer.size > newest.size) {
        return { ...saying, size: newest.size, state: "ahead", witnessSize: answer.size };
      }
    }
    oldSize = answer.size;
  }
  return { witness: name, url, size: newest.size, state: "unreachable" };
}

interface Newest {
  readonly note: SignedNote;
  readonly size: number;
}

async function readNewest(source: LogSource): Promise<Newest> {
  const note = parseNote((await source.read(LOG_PATHS.checkpoint)) ?? new Uint8Array());
  return { note, size: parseCheckpoint(note.text).size };
}

/** What one request is answered with; `undefined` for no answer, or none of a witness. */
async function ask(
  { url = "", key }: PolicyWitness,
  { newest, oldSize }: { readonly newest: Newest; readonly oldSize: number },
  { source, ed25519, fetch: send }: AskWitnesses,
): Promise<WitnessAnswer | undefined> {
  try {
    const { note, size } = newest;
    const proof = await proveConsistency({ oldSize, newSize: size }, tilesOf(source, size));
    const response = await send(`${url.replace(/\/$/, "")}/add-checkpoint`, {
      method: "POST",
      body: encodeAddCheckpoint({ oldSize, proof, note }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const [mediaType = ""] = (response.headers.get("content-type") ?? "").split(";");
    const body = await readBody(response);
    const answer = parseWitnessAnswer({ status: response.status, mediaType, body });
    if (answer.kind === "cosigned") await addCosignatures({ note, ...answer }, [key], ed25519);
    return answer;
  } catch (error) {
    // fetch tells of the network by a TypeError or a DOMException; what is no witness's answer is as good as none.
    if (error instanceof TlogError || error instanceof TypeError || isDomException(error)) {
      return undefined;
    }
    throw error;
  }
}

async function readBody(response: Response): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array;
    length += bytes.length;
    if (length > MAX_NOTE_BYTES) throw new TypeError("An answer longer than a note.");
    parts.push(bytes);
  }
  return asBytes(new Uint8Array(Buffer.concat(parts)));
}

function refusal(status: number): Pick<WitnessSaying, "state" | "status"> {
  if (status === FORK_STATUS) return { state: "fork", status };
  return { state: status >= 500 || status === 429 ? "unreachable" : "refused", status };
}

function isDomException(error: unknown): boolean {
  return error instanceof DOMException;
}
