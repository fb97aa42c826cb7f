import {
  CoseError,
  decodeCbor,
  DEVICE_SUB,
  equalBytes,
  hospitalSub,
  isCborMap,
  parseCredential,
  type Bytes,
  type Credential,
  type Crypto,
} from "@siphms/cose";
import {
  MessageError,
  parseReadings,
  parseReceipt,
  samples,
  TYP,
  verifySigned,
  type Readings,
  type Receipt,
  type VerifiedSigned,
} from "@siphms/messages";
import { EvidenceError } from "./error.ts";
import type { EvidenceParts } from "./file.ts";
import { MAX_TIME_MS, parseStatement, STATEMENT_TYP, type Statement } from "./statement.ts";

/** What is checked, in this order. */
export const CHECKS = [
  "format",
  "device-key",
  "hospital-keys",
  "message-signature",
  "message-content",
  "receipt-signature",
  "receipt-content",
  "statement-signature",
  "statement-content",
] as const;

/** Name of one check. */
export type CheckName = (typeof CHECKS)[number];

/** What one check came to. */
export interface Check {
  readonly check: CheckName;
  readonly ok: boolean;
  /** Why it failed, in a word or two. */
  readonly reason?: string;
}

/** One of the hospital's keys and what it did here. */
export interface UsedKey {
  readonly credential: Credential;
  readonly uses: readonly ("message" | "receipt" | "statement")[];
}

/** What the evidence proves, every check good. */
export interface VerifiedEvidence {
  readonly device: Credential;
  readonly hospitalId: string;
  readonly hospitalKeys: readonly UsedKey[];
  /**
   * The key that signed the statement: the one of which whoever verifies has to know that it is the hospital's. It vouches
   * for the others, which it names; that a message was signed *for* a key proves nothing about who made the file.
   */
  readonly statementKey: Credential;
  readonly readings: Readings;
  readonly receipt: Receipt;
  readonly statement: Statement;
}

/** What verifying came to: `evidence` is there exactly where every check is good. */
export interface Verdict {
  /** All of them, in their order. What one needs that has failed fails as well. */
  readonly checks: readonly Check[];
  readonly evidence?: VerifiedEvidence;
}

/** Thrown within this file where a check fails. */
class Failure extends Error {
  readonly check: CheckName;

  constructor(check: CheckName, reason: string) {
    super(reason);
    this.check = check;
  }
}

/**
 * Verifies a piece of evidence: who signed which readings, that the hospital took them, and what it says of it today.
 *
 * Believes nothing in it but what is signed. That the statement's key is this hospital's no file can prove: whoever verifies
 * compares its thumbprint with what they know from the hospital itself.
 *
 * @param load - Gives the file's parts, or throws {@link EvidenceError} where it is no file.
 */
export async function verifyEvidence(load: () => EvidenceParts, crypto: Crypto): Promise<Verdict> {
  try {
    const evidence = await verify(attempt("format", load), crypto);
    return { checks: CHECKS.map((check) => ({ check, ok: true })), evidence };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { checks: describe(error) };
  }
}

/** What came before the failure was good; what comes behind it was not looked at and proves nothing. */
function describe(failure: Failure): readonly Check[] {
  const failed = CHECKS.indexOf(failure.check);
  return CHECKS.map((check, at): Check => {
    if (at < failed) return { check, ok: true };
    return { check, ok: false, reason: at === failed ? failure.message : "not checked" };
  });
}

async function verify(parts: EvidenceParts, crypto: Crypto): Promise<VerifiedEvidence> {
  const device = await attemptAsync("device-key", () =>
    parseCredential(parts.device, DEVICE_SUB, crypto),
  );
  const { hospitalId, keys } = await attemptAsync("hospital-keys", () =>
    parseHospitalKeys(parts.hospital, crypto),
  );
  const parties: Parties = { device, keys };
  const message = await verifyMessage(parts.message, parties, crypto);
  const readings = readMessage(message.verified);
  const receipt = await verifyByHospital(
    { check: "receipt-signature", signed: parts.receipt },
    parties,
    crypto,
  );
  const receiptContent = readReceipt(receipt.verified, message.verified, readings);
  const stated = await verifyByHospital(
    { check: "statement-signature", signed: parts.statement },
    parties,
    crypto,
  );
  const names = { message: message.verified.name, receipt: receipt.verified.name };
  const statement = readStatement(stated.verified, names, { hospitalId, keys });
  const used = { message: message.key, receipt: receipt.key, statement: stated.key } as const;
  const hospitalKeys = keys.map((credential): UsedKey => ({
    credential,
    uses: (["message", "receipt", "statement"] as const).filter((use) => used[use] === credential),
  }));
  if (hospitalKeys.some(({ uses }) => uses.length === 0)) {
    throw new Failure("statement-content", "a key that signed nothing");
  }
  return {
    ...{ device, hospitalId, hospitalKeys, statementKey: stated.key },
    ...{ readings, receipt: receiptContent, statement },
  };
}

interface Parties {
  readonly device: Credential;
  readonly keys: readonly Credential[];
}

/** A signed message with the hospital's key that signed it, or that it was signed for. */
interface Found {
  readonly verified: VerifiedSigned;
  readonly key: Credential;
}

/** The device signed for one key of the hospital: for another it does not verify. */
async function verifyMessage(
  signed: Bytes,
  { device, keys }: Parties,
  crypto: Crypto,
): Promise<Found> {
  const sender = { ...device, key: await crypto.importVerifyKey(device.point) };
  return attemptAsync("message-signature", () =>
    firstThat(keys, (key) =>
      verifySigned({ signed, sender, recipientThumbprint: key.thumbprint }, crypto),
    ),
  );
}

async function verifyByHospital(
  {
    check,
    signed,
  }: {
    readonly check: "receipt-signature" | "statement-signature";
    readonly signed: Bytes;
  },
  parties: Parties,
  crypto: Crypto,
): Promise<Found> {
  const recipientThumbprint = parties.device.thumbprint;
  return attemptAsync(check, () =>
    firstThat(parties.keys, async (credential) => {
      const sender = { ...credential, key: await crypto.importVerifyKey(credential.point) };
      return verifySigned({ signed, sender, recipientThumbprint }, crypto);
    }),
  );
}

/** The first key with which something verifies; the last error where none does. */
async function firstThat(
  keys: readonly Credential[],
  verifyWith: (key: Credential) => Promise<VerifiedSigned>,
): Promise<Found> {
  let last: unknown;
  for (const key of keys) {
    try {
      return { verified: await verifyWith(key), key };
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function readMessage({ typ, payload }: VerifiedSigned): Readings {
  if (typ !== TYP.readings) throw new Failure("message-content", "no readings");
  const readings = attempt("message-content", () => parseReadings(payload));
  const times = readings.series.flatMap((series) => [...samples(series)].map(({ at }) => at));
  requireDates("message-content", [readings.created, ...times]);
  return readings;
}

/** A time that no date can stand for would stop whoever shows it half-way. */
function requireDates(check: CheckName, times: readonly number[]): void {
  if (times.some((time) => Math.abs(time) > MAX_TIME_MS)) {
    throw new Failure(check, "a time that no calendar has");
  }
}

function readReceipt(
  { typ, payload }: VerifiedSigned,
  message: VerifiedSigned,
  readings: Readings,
): Receipt {
  const check = "receipt-content";
  if (typ !== TYP.receipt) throw new Failure(check, "no receipt");
  const receipt = attempt(check, () => parseReceipt(payload));
  requireDates(check, [receipt.received, receipt.stored]);
  const isOfMessage =
    equalBytes(receipt.messageId, readings.messageId) && equalBytes(receipt.name, message.name);
  if (!isOfMessage) throw new Failure(check, "of another message");
  if (receipt.outcome === 3) throw new Failure(check, "refused");
  const isInside = (receipt.quarantined ?? []).every(
    ([series, sample]) => sample < (readings.series[series]?.values.length ?? 0),
  );
  if (!isInside) throw new Failure(check, "samples that there are not");
  return receipt;
}

function readStatement(
  { typ, payload }: VerifiedSigned,
  names: { readonly message: Bytes; readonly receipt: Bytes },
  { hospitalId, keys }: { readonly hospitalId: string; readonly keys: readonly Credential[] },
): Statement {
  const check = "statement-content";
  if (typ !== STATEMENT_TYP) throw new Failure(check, "no statement");
  const statement = attempt(check, () => parseStatement(payload));
  if (!equalBytes(statement.message, names.message)) {
    throw new Failure(check, "of another message");
  }
  if (!equalBytes(statement.receipt, names.receipt)) {
    throw new Failure(check, "of another receipt");
  }
  if (statement.hospitalId !== hospitalId) throw new Failure(check, "of another hospital");
  const isOfKeys =
    statement.hospitalKeys.length === keys.length &&
    statement.hospitalKeys.every((print, at) =>
      equalBytes(print, keys[at]?.thumbprint ?? new Uint8Array()),
    );
  if (!isOfKeys) throw new Failure(check, "of other keys");
  return statement;
}

async function parseHospitalKeys(
  credentials: readonly Bytes[],
  crypto: Crypto,
): Promise<{ readonly hospitalId: string; readonly keys: readonly Credential[] }> {
  const hospitalId = hospitalIdOf(credentials[0] ?? new Uint8Array());
  const sub = hospitalSub(hospitalId);
  const keys: Credential[] = [];
  for (const bytes of credentials) {
    const key = await parseCredential(bytes, sub, crypto);
    if (keys.some(({ thumbprint }) => equalBytes(thumbprint, key.thumbprint))) {
      throw new Failure("hospital-keys", "one key twice");
    }
    keys.push(key);
  }
  return { hospitalId, keys };
}

/** Whose key it says that it is; every other one must say the same. */
function hospitalIdOf(credential: Bytes): string {
  const claims = decodeCbor(credential);
  const sub = isCborMap(claims) ? claims.get(2) : undefined;
  const prefix = hospitalSub("x").slice(0, -1);
  const id = typeof sub === "string" && sub.startsWith(prefix) ? sub.slice(prefix.length) : "";
  if (!/^[a-z0-9-]{1,63}$/.test(id)) throw new Failure("hospital-keys", "no hospital's key");
  return id;
}

function attempt<T>(check: CheckName, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failureOf(check, error);
  }
}

async function attemptAsync<T>(check: CheckName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(check, error);
  }
}

/** Errors of the packages mean that the bytes are not good; any other is a fault of the program. */
function failureOf(check: CheckName, error: unknown): unknown {
  if (error instanceof Failure) return error;
  if (error instanceof MessageError || error instanceof EvidenceError) {
    return new Failure(check, error.reason);
  }
  if (error instanceof CoseError) return new Failure(check, "malformed");
  return error;
}
