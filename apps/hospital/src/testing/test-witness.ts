import { generateKeyPairSync, sign } from "node:crypto";
import {
  authenticateCheckpoint,
  considerCheckpoint,
  cosignCheckpoint,
  createVerifierKey,
  createWebEd25519,
  encodeCosignaturesAnswer,
  encodeSizeAnswer,
  parseAddCheckpoint,
  parseVerifierKey,
  TREE_SIZE_MEDIA_TYPE,
  WITNESS_STATUS,
  type Bytes,
  type NoteSigner,
  type TreeHead,
} from "@siphms/tlog";
import { readLogKeys } from "../audit/index.ts";
import type { HospitalWorld } from "./hospital-world.ts";

const ED25519 = createWebEd25519();

/** A witness that keeps to the rules, but for what a test makes it do. */
export interface TestWitness {
  readonly signer: NoteSigner;
  readonly asked: { readonly oldSize: number; readonly size: number }[];
  latest: Map<string, TreeHead>;
  /** Answers in its place. */
  instead:
    (() => { readonly status: number; readonly body?: string; readonly type?: string }) | undefined;
}

/** A key of a witness. */
export function newSigner(name: string): NoteSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    key: createVerifierKey("cosignature", name, new Uint8Array(Buffer.from(x, "base64url"))),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, privateKey))),
  };
}

/** Answers as a witness that looks after this hospital's log. */
export async function answerAs(
  witness: TestWitness,
  body: Bytes,
  world: HospitalWorld,
): Promise<{ status: number; type: string; body: Bytes | string }> {
  const request = parseAddCheckpoint(body);
  const { origin, size } = request.checkpoint;
  witness.asked.push({ oldSize: request.oldSize, size });
  const instead = witness.instead?.();
  if (instead !== undefined) return { type: "text/plain", body: "", ...instead };
  const keys = (await readLogKeys(world.database, world.keyring)).map(({ vkey }) =>
    parseVerifierKey(vkey),
  );
  const found = await authenticateCheckpoint(request, [{ origin, keys }], ED25519);
  if (found.kind !== "authentic")
    return { status: WITNESS_STATUS[found.kind], type: "text/plain", body: "" };
  const decision = considerCheckpoint(found, witness.latest.get(origin));
  const status = WITNESS_STATUS[decision.kind];
  if (decision.kind === "conflict") {
    return { status, type: TREE_SIZE_MEDIA_TYPE, body: encodeSizeAnswer(decision.size) };
  }
  if (decision.kind !== "accepted") return { status, type: "text/plain", body: "" };
  witness.latest.set(origin, decision.latest);
  const statement = { text: request.note.text, timestampS: Math.floor(world.clock.now() / 1000) };
  const line = await cosignCheckpoint(statement, witness.signer);
  return { status, type: "text/plain", body: encodeCosignaturesAnswer([line]) };
}
