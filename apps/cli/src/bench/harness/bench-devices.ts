import { createCredential, DEVICE_SUB } from "@siphms/cose";
import { commitment, confirmationCode, parseInvitationLink } from "@siphms/messages";
import type { Invitation } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";

import type { OperatorClient } from "../../installation/operator-client.ts";
import type { BenchDevice, BenchGateway, BenchIdentity, BenchSession } from "./bench-device.ts";
import { openBenchAnswer, sealConfirm } from "./bench-envelopes.ts";
import { shakeHands } from "./bench-handshake.ts";

/** What {@link enrolBenchDevices} needs. */
export interface EnrolBenchOptions {
  readonly operator: OperatorClient;
  readonly gateway: BenchGateway;
  /** Distinguishes the patients of several calls; record numbers are `PREFIX-1`, `PREFIX-2`, ... By default `BENCH`. */
  readonly prefix?: string;
}

/** Enrolments under way at once: enough that nobody waits for the other's disk, few enough for any limit. */
const AT_ONCE = 8;
const NONCE_D_BYTES = 32;
const crypto = createNodeCrypto();

/**
 * Registers invented patients and enrols a device for each as patient and staff would: invitation, handshake with the token,
 * code, confirmation. Some milliseconds each.
 *
 * @throws {CliError} when the hospital refuses.
 */
export async function enrolBenchDevices(
  count: number,
  options: EnrolBenchOptions,
): Promise<readonly BenchDevice[]> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return mapAtOnce(numbers, AT_ONCE, (number) => enrolOne(number, options));
}

/** Opens a session of an active device: a whole handshake by kid. @throws {CliError} when the hospital refuses. */
export async function openBenchSession(
  device: BenchIdentity,
  gateway: BenchGateway,
): Promise<BenchSession> {
  const { session } = await shakeHands(device, { gateway, crypto });
  return session;
}

/** Maps with so many calls under way at once, in order of the results. */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const lane = async (): Promise<void> => {
    // All lanes take from one iterator.
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

async function enrolOne(
  number: number,
  { operator, gateway, prefix = "BENCH" }: EnrolBenchOptions,
): Promise<BenchDevice> {
  const mrn = `${prefix}-${number}`;
  const { patient } = await operator.addPatient({
    mrn,
    name: `Bench Patient ${number}`,
    birthDate: "1950-07-01",
  });
  const { link } = await operator.invite(mrn);
  const invitation = await parseInvitationLink(link, crypto);
  const identity = await createIdentity(invitation);
  const code = await bind(identity, invitation, gateway);
  await operator.confirm({ mrn, code });
  return { ...identity, mrn, patient };
}

async function createIdentity({ hospitalId, credential }: Invitation): Promise<BenchIdentity> {
  const key = await crypto.generateSigningKey();
  return {
    key,
    credential: await createCredential(DEVICE_SUB, key.publicPoint, crypto),
    hospitalId,
    hospital: { credential, verifyKey: await crypto.importVerifyKey(credential.point) },
  };
}

/** @returns the six digits that staff compare. */
async function bind(
  identity: BenchIdentity,
  { token }: Invitation,
  gateway: BenchGateway,
): Promise<string> {
  const nonceD = crypto.randomBytes(NONCE_D_BYTES);
  const enrolment = {
    token,
    deviceName: "bench device",
    commitment: await commitment(nonceD, crypto),
  };
  const { session, nonceH, secret } = await shakeHands(identity, { gateway, crypto, enrolment });
  const { keys, pass } = session;
  const answer = await gateway.post({ sid: keys.sid, pass }, await sealConfirm(session, nonceD));
  // Response or not: what is no confirmation makes a code that staff's side does not have.
  await openBenchAnswer(session, answer);
  return confirmationCode({ secret, nonceD, nonceH }, crypto);
}
