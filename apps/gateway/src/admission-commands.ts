import { parseRegistration, RelayError, type Registration } from "@siphms/relay";
import { EXIT } from "@siphms/server-kit";
import { encodeVerifierKey, parseVerifierKey, TlogError } from "@siphms/tlog";
import { importJWK } from "jose";
import { readFileSync } from "node:fs";
import { openAdmission } from "./data-folder.ts";
import type { HospitalAdmission } from "./domain/ports.ts";
import type { GatewaySettings } from "./settings.ts";
import { openWitnessKey } from "./storage/witness-key.ts";

const COSIGNER = "one of logKeys is a witness's key, not a log's";

/** What a command says: one object for standard output, or a sentence for standard error. */
export interface CommandOutput {
  readonly tell: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** `gateway admit FILE`: admits the hospital whose registration the file holds, or takes over its changes. */
export async function admit(
  dataFolder: string,
  file: string,
  output: CommandOutput,
): Promise<number> {
  const registration = await readRegistration(file, output);
  if (registration === undefined) return EXIT.failed;
  await withDirectory(dataFolder, (directory) => directory.admit(registration));
  output.tell(JSON.stringify({ admitted: registration.id }));
  return EXIT.done;
}

/** `gateway expel ID`: the hospital's uplink, passes and origin end at once; what is stored goes with the retention time. */
export async function expel(
  dataFolder: string,
  id: string,
  output: CommandOutput,
): Promise<number> {
  const was = await withDirectory(dataFolder, (directory) => directory.expel(id));
  if (was) output.tell(JSON.stringify({ expelled: id }));
  else
    output.complain(`There is no hospital "${id}". "gateway list" shows those that are admitted.`);
  return was ? EXIT.done : EXIT.failed;
}

/** `gateway list`: one line of JSON for each admitted hospital. */
export async function list(dataFolder: string, output: CommandOutput): Promise<number> {
  const hospitals = await withDirectory(dataFolder, (directory) =>
    Promise.resolve(directory.list()),
  );
  for (const { id, name, appOrigin } of hospitals)
    output.tell(JSON.stringify({ id, name, appOrigin }));
  return EXIT.done;
}

/**
 * `gateway witness`: one line of JSON with the verifier key that hospitals and auditors need, and the address where the
 * settings name it, then one for each log with the checkpoint that was cosigned last.
 */
export async function witness(
  { dataFolder, witness: { name, url } }: Pick<GatewaySettings, "dataFolder" | "witness">,
  output: CommandOutput,
): Promise<number> {
  const { key } = openWitnessKey(dataFolder, name);
  const admission = openAdmission(dataFolder);
  const logs = admission.memory.list();
  await admission.close();
  output.tell(JSON.stringify({ url, key: encodeVerifierKey(key) }));
  for (const { origin, note } of logs) {
    output.tell(JSON.stringify({ origin, checkpoint: Buffer.from(note).toString("utf8") }));
  }
  return EXIT.done;
}

async function readRegistration(
  file: string,
  { complain }: CommandOutput,
): Promise<Registration | undefined> {
  try {
    const registration = parseRegistration(readFileSync(file, "utf8"));
    // Importing checks that the point is on the curve; a bad key would otherwise show only at the first pass.
    await importJWK({ ...registration.passKey }, "ES256");
    for (const text of registration.logKeys ?? []) {
      if (parseVerifierKey(text).kind !== "ed25519")
        throw new RelayError("REGISTRATION_INVALID", COSIGNER);
    }
    return registration;
  } catch (error) {
    const why =
      error instanceof RelayError || error instanceof TlogError
        ? error.message
        : "it cannot be read, or its pass key is no P-256 key";
    complain(`${file} is not a registration: ${why}. Make it with: siphms hospital registration`);
    return undefined;
  }
}

async function withDirectory<T>(
  dataFolder: string,
  work: (directory: HospitalAdmission) => Promise<T>,
): Promise<T> {
  const admission = openAdmission(dataFolder);
  try {
    return await work(admission.directory);
  } finally {
    await admission.close();
  }
}
