import {
  addCosignatures,
  createWebEd25519,
  encodeAddCheckpoint,
  encodeCosignaturesAnswer,
  MAX_NOTE_BYTES,
  parseNote,
  parseWitnessAnswer,
  TlogError,
  type Bytes,
  type SignedNote,
  type WitnessAnswer,
} from "@siphms/tlog";
import type { Witness } from "./settings.ts";

/** What came of asking a witness for its cosignature. */
export type AskOutcome =
  | {
      readonly kind: "cosigned";
      /** The signature line, verified, without its end. */
      readonly line: string;
    }
  /** It has cosigned this size last. */
  | { readonly kind: "elsewhere"; readonly size: number }
  /** What it has cosigned is not the front of this log. */
  | { readonly kind: "refused" }
  | { readonly kind: "away"; readonly reason: AwayReason };

/** Why there is no cosignature, as a code. */
export type AwayReason =
  "unreachable" | "too-slow" | "certificate" | "log-unknown" | "key-unknown" | "answer" | "status";

/** One question. */
export interface Asking {
  /** The head's signed note. */
  readonly note: string;
  /** What the witness has cosigned last, as far as we know. */
  readonly oldSize: number;
  /** From there to the head. */
  readonly proof: readonly Bytes[];
  /** Ends the question: a time limit. */
  readonly signal: AbortSignal;
}

const ED25519 = createWebEd25519();

/**
 * Asks a witness to cosign a head.
 *
 * @see C2SP tlog-witness, "add-checkpoint"
 */
export async function askWitness(witness: Witness, asking: Asking): Promise<AskOutcome> {
  const note = parseNote(new TextEncoder().encode(asking.note));
  const { oldSize, proof, signal } = asking;
  try {
    const answer = await post(witness.url, encodeAddCheckpoint({ oldSize, proof, note }), signal);
    return await judge(answer, { witness, note });
  } catch (error) {
    return { kind: "away", reason: error instanceof TlogError ? "answer" : networkReason(error) };
  }
}

async function judge(
  answer: WitnessAnswer,
  { witness, note }: { readonly witness: Witness; readonly note: SignedNote },
): Promise<AskOutcome> {
  if (answer.kind === "conflict") return { kind: "elsewhere", size: answer.size };
  if (answer.kind === "refused") return refusalOf(answer.status);
  const whole = await addCosignatures(
    { note, signatures: answer.signatures },
    [witness.verifierKey],
    ED25519,
  );
  const added = whole.signatures.filter((line) => !note.signatures.includes(line)).slice(-1);
  const line = new TextDecoder().decode(encodeCosignaturesAnswer(added)).trimEnd();
  return { kind: "cosigned", line };
}

function refusalOf(status: number): AskOutcome {
  if (status === 422) return { kind: "refused" };
  if (status === 404) return { kind: "away", reason: "log-unknown" };
  if (status === 403) return { kind: "away", reason: "key-unknown" };
  return { kind: "away", reason: "status" };
}

async function post(url: string, body: Bytes, signal: AbortSignal): Promise<WitnessAnswer> {
  const response = await fetch(`${url}/add-checkpoint`, {
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-8", "user-agent": "siphms" },
    body,
    // An address that the operator did not name is told nothing.
    redirect: "manual",
    signal,
  });
  const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
  return parseWitnessAnswer({ status: response.status, mediaType, body: await readBody(response) });
}

/** No more than an answer may have: what is behind it is not read. */
async function readBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream: AsyncIterable<Uint8Array> | null = response.body;
  for await (const part of stream ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MAX_NOTE_BYTES) break;
  }
  return Buffer.concat(parts);
}

function networkReason(error: unknown): AwayReason {
  if (!(error instanceof Error)) return "unreachable";
  if (error.name === "TimeoutError") return "too-slow";
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? "certificate" : "unreachable";
}
