import type { NewPasskey, PasskeyCreation, TotpOffer } from "@siphms/api";
import type { Transaction } from "../database/index.ts";
import { findGoodLink, lockGoodLink, type GoodLink } from "./links.ts";
import {
  askForPasskey,
  checkNewPassword,
  offerTotp,
  storeNewPasskey,
  storeNewPassword,
  type FactorPorts,
  type Holder,
} from "./new-factors.ts";
import type { PasswordFault } from "./password-rules.ts";
import { deleteFactors } from "./factor-rows.ts";
import { deleteAccessOf, type SessionMethod } from "./session-rows.ts";
import { openStaffSession, type OpenedSession } from "./sessions.ts";
import { leaveNotice } from "./staff-notices.ts";

/** The link is not good, or not any more. */
interface LinkInvalid {
  readonly kind: "link-invalid";
}

/** What setting up a passkey came to. */
export type SetUpPasskeyOutcome =
  | ({ readonly kind: "opened" } & OpenedSession)
  | { readonly kind: "passkey-refused" }
  | LinkInvalid;

/** What setting up password and TOTP came to. */
export type SetUpPasswordOutcome =
  | ({ readonly kind: "opened"; readonly codes: readonly string[] } & OpenedSession)
  | { readonly kind: "code-refused" }
  | { readonly kind: "password-refused"; readonly fault: PasswordFault }
  | LinkInvalid;

/**
 * What a one-use link opens. The link is good until something was set up with it.
 *
 * It is the first way in, and the way back in for who has lost theirs: what was there before ends with all its sessions,
 * and whoever made the link has chosen nothing of what comes (SR-11).
 */
export interface SetUpDesk {
  /** Whom a link is for. */
  look(token: string): Promise<GoodLink | undefined>;
  askForPasskey(token: string): Promise<PasskeyCreation | undefined>;
  addPasskey(input: {
    readonly token: string;
    readonly label: string;
    readonly credential: NewPasskey;
    readonly previousToken: string | undefined;
  }): Promise<SetUpPasskeyOutcome>;
  offerTotp(token: string): Promise<TotpOffer | undefined>;
  setPassword(input: {
    readonly token: string;
    readonly password: string;
    readonly ticket: string;
    readonly code: string;
    readonly previousToken: string | undefined;
  }): Promise<SetUpPasswordOutcome>;
}

/** Joins what links open. */
export function createSetUpDesk(ports: FactorPorts): SetUpDesk {
  const { database, keyring, clock } = ports;
  const look = (token: string): Promise<GoodLink | undefined> =>
    findGoodLink(database, token, { keyring, now: clock.now() });
  return {
    look,
    async askForPasskey(token) {
      const good = await look(token);
      // Without those that are registered: they end, and the same authenticator may make another.
      return good === undefined
        ? undefined
        : askForPasskey({ holder: holderOf(good), known: [] }, ports);
    },
    addPasskey: (input) => database.withTransaction((tx) => addPasskey(tx, input, ports)),
    async offerTotp(token) {
      const good = await look(token);
      return good === undefined ? undefined : offerTotp(holderOf(good), ports);
    },
    async setPassword(input) {
      const good = await look(input.token);
      if (good === undefined) return { kind: "link-invalid" };
      const checked = await checkNewPassword({ ...input, holder: holderOf(good) }, ports);
      if (checked.kind !== "good") return checked;
      return database.withTransaction(async (tx) => {
        const locked = await lockGoodLink(tx, input.token, { keyring, now: clock.now() });
        if (locked === undefined) return { kind: "link-invalid" };
        await endWhatWas(tx, { good: locked }, ports);
        const codes = await storeNewPassword(tx, { holder: holderOf(locked), checked }, ports);
        const opened = await enter(tx, { good: locked, method: "password", input }, ports);
        return { kind: "opened", codes, ...opened };
      });
    },
  };
}

async function addPasskey(
  tx: Transaction,
  input: Parameters<SetUpDesk["addPasskey"]>[0],
  ports: FactorPorts,
): Promise<SetUpPasskeyOutcome> {
  const { keyring, clock } = ports;
  const good = await lockGoodLink(tx, input.token, { keyring, now: clock.now() });
  if (good === undefined) return { kind: "link-invalid" };
  const { label, credential } = input;
  const passkey = await storeNewPasskey(tx, { holder: holderOf(good), label, credential }, ports);
  if (passkey === undefined) return { kind: "passkey-refused" };
  await endWhatWas(tx, { good, keptPasskey: passkey }, ports);
  const opened = await enter(tx, { good, method: "passkey", input }, ports);
  return { kind: "opened", ...opened };
}

/** Takes away what was set up before, every session that it opened, and every link with this one. */
async function endWhatWas(
  tx: Transaction,
  { good, keptPasskey }: { readonly good: GoodLink; readonly keptPasskey?: number },
  { clock }: FactorPorts,
): Promise<void> {
  const staffId = good.staff.id;
  const deleted = await deleteFactors(tx, { staffId, keptPasskey: keptPasskey ?? null });
  if (deleted > 0) await leaveNotice(tx, { staffId, at: clock.now(), kind: "factors-replaced" });
  await deleteAccessOf(tx, staffId);
}

function enter(
  tx: Transaction,
  {
    good,
    method,
    input,
  }: {
    readonly good: GoodLink;
    readonly method: SessionMethod;
    readonly input: { readonly previousToken: string | undefined };
  },
  ports: FactorPorts,
): Promise<OpenedSession> {
  const { previousToken } = input;
  const { staff } = good;
  const session = { staff, method, channel: "browser", previousToken } as const;
  return openStaffSession(tx, { ...session, detail: { setUp: true } }, ports);
}

function holderOf({ staff, link }: GoodLink): Holder {
  return { staff, bound: link.tokenHash };
}
