import type { NewPasskey, PasskeyCreation, TotpOffer } from "@siphms/api";
import {
  concatBytes,
  CoseError,
  fromBase64Url,
  toBase64Url,
  toHex,
  type Bytes,
} from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import { KeyError, type Cell, type Keyring } from "../keys/index.ts";
import { CHALLENGE_LIFETIME_MS, spendChallenge, type ChallengeUse } from "./challenges.ts";
import { insertPasskey, lockPasskey, type StaffPasskey } from "./passkey-rows.ts";
import { requestCreation, verifyCreation, type PasskeyPorts } from "./passkeys.ts";
import type { PasswordHasher } from "./password-hash.ts";
import { storePassword } from "./password-rows.ts";
import { judgePassword, type PasswordFault } from "./password-rules.ts";
import { renewRecoveryCodes } from "./recovery-code-rows.ts";
import type { Staff } from "./staff-rows.ts";
import { storeTotp } from "./totp-rows.ts";
import { createTotpSecret, describeTotp, stepOfCode } from "./totp.ts";

/** Whose factors are set, and by which link or session: what is offered to one is taken from no other. */
export interface Holder {
  readonly staff: Staff;
  /** Image of the link or session. */
  readonly bound: Bytes;
}

/** What setting factors stands on. */
export interface FactorPorts extends PasskeyPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
}

/** A password and a TOTP secret that may be stored, or why not. */
export type CheckedNewPassword =
  | {
      readonly kind: "good";
      readonly hash: string;
      readonly secret: Bytes;
      /** The step of the code that proved the secret: it is used up by that. */
      readonly step: number;
    }
  | { readonly kind: "code-refused" }
  | { readonly kind: "password-refused"; readonly fault: PasswordFault };

const TIME_BYTES = 8;

/** What a browser is asked for when somebody adds a passkey. @param input.known - Whose authenticators make no other. */
export function askForPasskey(
  input: { readonly holder: Holder; readonly known: readonly StaffPasskey[] },
  ports: FactorPorts,
): PasskeyCreation {
  const { holder, known } = input;
  const now = ports.clock.now();
  return requestCreation({ use: useOf(holder), staff: holder.staff, known }, ports, now);
}

/**
 * Stores a passkey that was made for {@link askForPasskey}.
 *
 * @returns its number; `undefined` when it does not hold, or when its credential is known: the same one with another key
 *   would be a copy (SR-04).
 */
export async function storeNewPasskey(
  tx: Transaction,
  input: { readonly holder: Holder; readonly label: string; readonly credential: NewPasskey },
  ports: FactorPorts,
): Promise<number | undefined> {
  const { holder, label, credential } = input;
  const { keyring } = ports;
  const now = ports.clock.now();
  const made = await verifyCreation(credential, useOf(holder), { ...ports, now });
  if (made === undefined || !(await spendChallenge(tx, keyring, made.challenge))) return undefined;
  const { credentialId, publicKey, counter } = made;
  const staffId = holder.staff.id;
  const known = await lockPasskey(tx, keyring, credentialId);
  const entry = { at: now, actor: auditNameOfStaff(staffId), action: "create" as const };
  if (known !== undefined) {
    const detail = { passkey: known.id, reason: "passkey-cloned" };
    await appendAudit(tx, [
      { ...entry, event: "staff.passkey-refused", outcome: "refused", detail },
    ]);
    return undefined;
  }
  const passkey = { credentialId, staffId, publicKey, counter, label, createdAt: now };
  const { id } = await insertPasskey(tx, keyring, passkey);
  await appendAudit(tx, [
    { ...entry, event: "staff.passkey-added", outcome: "done", detail: { passkey: id } },
  ]);
  return id;
}

/** Makes a TOTP secret for somebody. Nothing is stored: the ticket brings it back, sealed for this link or session. */
export function offerTotp(holder: Holder, ports: FactorPorts): TotpOffer {
  const { keyring, crypto, clock, hospitalName } = ports;
  const secret = createTotpSecret(crypto);
  const until = new Uint8Array(TIME_BYTES);
  new DataView(until.buffer).setBigUint64(0, BigInt(clock.now() + CHALLENGE_LIFETIME_MS));
  const ticket = keyring.sealCell(ticketCell(holder), concatBytes(until, secret));
  return {
    ticket: toBase64Url(ticket),
    ...describeTotp(secret, { hospitalName, staffName: holder.staff.name }),
  };
}

/** Judges a new password, and proves by a code that the secret of an offer has arrived in a TOTP app. */
export async function checkNewPassword(
  input: {
    readonly holder: Holder;
    readonly password: string;
    readonly ticket: string;
    readonly code: string;
  },
  ports: FactorPorts,
): Promise<CheckedNewPassword> {
  const { holder, password, ticket, code } = input;
  const { hospitalName, clock, keyring, hasher } = ports;
  const fault = judgePassword(password, { staffName: holder.staff.name, hospitalName });
  if (fault !== undefined) return { kind: "password-refused", fault };
  const now = clock.now();
  const secret = openTicket(ticket, { holder, keyring, now });
  const step = secret === undefined ? undefined : stepOfCode(secret, code, now);
  if (secret === undefined || step === undefined) return { kind: "code-refused" };
  return { kind: "good", hash: await hasher.hash(password), secret, step };
}

/** Stores a checked password and secret in place of those before, and makes recovery codes. @returns the codes */
export async function storeNewPassword(
  tx: Transaction,
  input: {
    readonly holder: Holder;
    readonly checked: Extract<CheckedNewPassword, { kind: "good" }>;
  },
  ports: FactorPorts,
): Promise<readonly string[]> {
  const { keyring, crypto } = ports;
  const { hash, secret, step } = input.checked;
  const staffId = input.holder.staff.id;
  const now = ports.clock.now();
  await storePassword(tx, keyring, { staffId, hash, changedAt: now });
  await storeTotp(tx, keyring, { staffId, secret, lastStep: step, createdAt: now });
  const codes = await renewRecoveryCodes(tx, { keyring, crypto }, { staffId, now });
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.password-set",
      actor: auditNameOfStaff(staffId),
      action: "update",
      outcome: "done",
    },
  ]);
  return codes;
}

function useOf({ staff, bound }: Holder): ChallengeUse {
  return { purpose: "register", staffId: staff.id, bound };
}

function openTicket(
  ticket: string,
  {
    holder,
    keyring,
    now,
  }: { readonly holder: Holder; readonly keyring: Keyring; readonly now: number },
): Bytes | undefined {
  try {
    const plain = keyring.openCell(ticketCell(holder), fromBase64Url(ticket));
    const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
    return now < Number(view.getBigUint64(0)) ? plain.slice(TIME_BYTES) : undefined;
  } catch (error) {
    if (error instanceof KeyError || error instanceof CoseError) return undefined;
    throw error;
  }
}

/** Not a column: a place that a ticket is sealed for, so that it opens in no other session and is no stored secret. */
function ticketCell({ staff, bound }: Holder): Cell {
  return { table: "staff_totp", column: "ticket", row: `${String(staff.id)}:${toHex(bound)}` };
}
