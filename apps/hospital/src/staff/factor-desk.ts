import type { NewPasskey, PasskeyCreation, TotpOffer } from "@siphms/api";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import {
  askForPasskey,
  checkNewPassword,
  offerTotp,
  storeNewPasskey,
  storeNewPassword,
  type FactorPorts,
  type Holder,
} from "./new-factors.ts";
import { deletePasskey, listPasskeys, type StaffPasskey } from "./passkey-rows.ts";
import { findPassword } from "./password-rows.ts";
import type { PasswordFault } from "./password-rules.ts";
import { countRecoveryCodes, renewRecoveryCodes } from "./recovery-code-rows.ts";
import { deleteOtherSessions } from "./session-rows.ts";
import { sessionIdHash, type SignedIn } from "./sessions.ts";
import { leaveNotice, listNotices, markNoticesSeen, type StaffNotice } from "./staff-notices.ts";
import { hasTotp } from "./totp-rows.ts";

/** What somebody can sign in with. */
export interface FactorOverview {
  readonly passkeys: readonly StaffPasskey[];
  readonly password: boolean;
  readonly recoveryCodesLeft: number;
}

/** What setting password and TOTP came to. */
export type SetPasswordOutcome =
  | { readonly kind: "set"; readonly codes: readonly string[] }
  | { readonly kind: "code-refused" }
  | { readonly kind: "password-refused"; readonly fault: PasswordFault };

/** What taking a passkey away came to. `last-factor`: nothing to sign in with would be left. */
export type RemovePasskeyOutcome = "last-factor" | "removed" | "unknown";

/** What somebody who is signed in does with the own factors. All but looking wants a fresh step-up (SR-20). */
export interface FactorDesk {
  overview(signedIn: SignedIn): Promise<FactorOverview>;
  askForPasskey(signedIn: SignedIn): Promise<PasskeyCreation>;
  /** @returns whether it was taken. */
  addPasskey(
    signedIn: SignedIn,
    made: { readonly label: string; readonly credential: NewPasskey },
  ): Promise<boolean>;
  /** Takes a passkey away; every other session ends with it (SR-15). */
  removePasskey(signedIn: SignedIn, id: number): Promise<RemovePasskeyOutcome>;
  offerTotp(signedIn: SignedIn): TotpOffer;
  /** Sets password and TOTP in place of those before; every other session ends. */
  setPassword(
    signedIn: SignedIn,
    typed: { readonly password: string; readonly ticket: string; readonly code: string },
  ): Promise<SetPasswordOutcome>;
  /** Makes new recovery codes; `undefined` for who has no TOTP app that they could stand in for. */
  renewRecoveryCodes(signedIn: SignedIn): Promise<readonly string[] | undefined>;
  notices(signedIn: SignedIn): Promise<readonly StaffNotice[]>;
  markNoticesSeen(signedIn: SignedIn, upTo: number): Promise<void>;
}

/** Joins what somebody does with the own factors. */
export function createFactorDesk(ports: FactorPorts): FactorDesk {
  const { database, keyring, clock } = ports;
  return {
    overview: async ({ staff }) => ({
      passkeys: await listPasskeys(database, keyring, staff.id),
      password: (await findPassword(database, keyring, staff.id)) !== undefined,
      recoveryCodesLeft: await countRecoveryCodes(database, staff.id),
    }),

    async askForPasskey(signedIn) {
      const known = await listPasskeys(database, keyring, signedIn.staff.id);
      return askForPasskey({ holder: holderOf(signedIn), known }, ports);
    },
    addPasskey: (signedIn, made) =>
      database.withTransaction(async (tx) => {
        const holder = holderOf(signedIn);
        if ((await storeNewPasskey(tx, { ...made, holder }, ports)) === undefined) return false;
        const staffId = signedIn.staff.id;
        await leaveNotice(tx, { staffId, at: clock.now(), kind: "passkey-added" });
        return true;
      }),
    removePasskey: (signedIn, id) =>
      database.withTransaction((tx) => removePasskey(tx, { signedIn, id }, ports)),

    offerTotp: (signedIn) => offerTotp(holderOf(signedIn), ports),
    async setPassword(signedIn, typed) {
      const holder = holderOf(signedIn);
      const checked = await checkNewPassword({ ...typed, holder }, ports);
      if (checked.kind !== "good") return checked;
      return database.withTransaction(async (tx) => {
        const codes = await storeNewPassword(tx, { holder, checked }, ports);
        await endOthers(tx, signedIn);
        const staffId = signedIn.staff.id;
        await leaveNotice(tx, { staffId, at: clock.now(), kind: "factors-replaced" });
        return { kind: "set", codes };
      });
    },
    renewRecoveryCodes: (signedIn) =>
      database.withTransaction((tx) => renewCodes(tx, signedIn, ports)),

    notices: ({ staff }) => listNotices(database, staff.id),
    markNoticesSeen: ({ staff }, upTo) =>
      markNoticesSeen(database, { staffId: staff.id, upTo, now: clock.now() }),
  };
}

async function removePasskey(
  tx: Transaction,
  { signedIn, id }: { readonly signedIn: SignedIn; readonly id: number },
  { keyring, clock }: FactorPorts,
): Promise<RemovePasskeyOutcome> {
  const staffId = signedIn.staff.id;
  // Of two that take away the last two at once, one waits here for the other.
  await tx.query("SELECT id FROM staff WHERE id = $1 FOR UPDATE", [staffId]);
  const passkeys = await listPasskeys(tx, keyring, staffId);
  if (!passkeys.some((passkey) => passkey.id === id)) return "unknown";
  const isOtherLeft =
    passkeys.some((passkey) => passkey.id !== id && passkey.state === "active") ||
    (await findPassword(tx, keyring, staffId)) !== undefined;
  if (!isOtherLeft) return "last-factor";
  await deletePasskey(tx, { id, staffId });
  await endOthers(tx, signedIn);
  const at = clock.now();
  await leaveNotice(tx, { staffId, at, kind: "passkey-removed" });
  await appendAudit(tx, [
    {
      at,
      event: "staff.passkey-removed",
      actor: auditNameOfStaff(staffId),
      action: "delete",
      outcome: "done",
      detail: { passkey: id },
    },
  ]);
  return "removed";
}

async function renewCodes(
  tx: Transaction,
  { staff }: SignedIn,
  { keyring, crypto, clock }: FactorPorts,
): Promise<readonly string[] | undefined> {
  if (!(await hasTotp(tx, staff.id))) return undefined;
  const now = clock.now();
  const codes = await renewRecoveryCodes(tx, { keyring, crypto }, { staffId: staff.id, now });
  await leaveNotice(tx, { staffId: staff.id, at: now, kind: "recovery-codes-renewed" });
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.recovery-codes-renewed",
      actor: auditNameOfStaff(staff.id),
      action: "update",
      outcome: "done",
    },
  ]);
  return codes;
}

async function endOthers(tx: Transaction, signedIn: SignedIn): Promise<void> {
  await deleteOtherSessions(tx, { staffId: signedIn.staff.id, kept: sessionIdHash(signedIn) });
}

function holderOf(signedIn: SignedIn): Holder {
  return { staff: signedIn.staff, bound: sessionIdHash(signedIn) };
}
