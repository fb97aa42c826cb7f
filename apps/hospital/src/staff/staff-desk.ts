import type { AddIntegration, PersonRole } from "@siphms/api";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import { createFactorDesk, type FactorDesk } from "./factor-desk.ts";
import { markLinkUsed } from "./link-rows.ts";
import { lockGoodLink, makeLink } from "./links.ts";
import { createLogInDesk, type LogInDesk } from "./log-in-desk.ts";
import { createPasswordHasher, type PasswordCost } from "./password-hash.ts";
import { sessionsOf, sweepState, type StatePorts } from "./log-in-state.ts";
import { deleteAccessOf } from "./session-rows.ts";
import {
  checkStaffSession,
  openStaffSession,
  tokenHash,
  type Channel,
  type OpenedSession,
  type SignedIn,
} from "./sessions.ts";
import { createSetUpDesk, type SetUpDesk } from "./set-up-desk.ts";
import { leaveNotice } from "./staff-notices.ts";
import { findStaffByName, insertStaff, listStaff, updateStaff, type Staff } from "./staff-rows.ts";
import { addIntegration, type AddIntegrationOutcome } from "./integration.ts";
import { createUnknownCallers } from "./unknown-callers.ts";

/** What opening a session came to. `demo-only`: this installation does not turn links into sessions. */
export type OpenOutcome =
  | ({ readonly kind: "opened" } & OpenedSession)
  | { readonly kind: "demo-only" }
  | { readonly kind: "link-invalid" };

/**
 * It is the account of whoever does it. Nobody locks themselves out, takes another role, or makes a link that would be a way
 * around their own factors.
 */
interface OwnAccount {
  readonly kind: "own-account";
}

/** What adding a member of staff came to. */
export type AddOutcome =
  | { readonly kind: "added"; readonly link: string; readonly expires: number }
  | { readonly kind: "role-differs" }
  | { readonly kind: "disabled" }
  | OwnAccount;

/** What disabling an account came to; disabling again is no error. */
export type DisableOutcome =
  | { readonly kind: "changed-meanwhile" }
  | { readonly kind: "disabled"; readonly staff: Staff }
  | { readonly kind: "staff-unknown" }
  | OwnAccount;

/** What giving somebody another role came to; the same role again is no error. */
export type RoleOutcome =
  | { readonly kind: "changed"; readonly staff: Staff }
  | { readonly kind: "changed-meanwhile" }
  | { readonly kind: "disabled" }
  | { readonly kind: "staff-unknown" }
  | OwnAccount;

/** Staff, their links and their browser sessions. */
export interface StaffDesk {
  /** Signing in and proving anew who one is. */
  readonly logIn: LogInDesk;
  /** What a link opens: a first passkey, or password and TOTP. */
  readonly setUp: SetUpDesk;
  /** What somebody who is signed in does with their own passkeys, password and codes. */
  readonly factors: FactorDesk;
  /**
   * Adds a member of staff and makes a one-use link; for one who is there already only the link.
   * @param actor - Who does it, as the audit log names them; the operator unless said otherwise.
   */
  add(
    staff: { readonly name: string; readonly role: PersonRole },
    actor?: string,
  ): Promise<AddOutcome>;
  /**
   * Adds a machine's account with its public key, or puts the key in the place of its key; what the old one opened ends.
   */
  addIntegration(integration: AddIntegration, actor?: string): Promise<AddIntegrationOutcome>;
  /** Everybody who has or had an account. */
  list(): Promise<readonly Staff[]>;
  /** Disables an account and ends everything that it opened, its care relations too, in one transaction (SR-18). */
  disable(name: string, actor?: string): Promise<DisableOutcome>;
  /**
   * Gives somebody another role and ends everything that the old one opened, in one transaction (SR-18).
   * @param change.actor - Who does it, as the audit log names them.
   */
  changeRole(change: {
    readonly name: string;
    readonly role: PersonRole;
    readonly actor: string;
  }): Promise<RoleOutcome>;
  /** Opens a session from a link's token; the browser's session before it ends. Demo installations only. */
  open(linkToken: string, previousToken: string | undefined): Promise<OpenOutcome>;
  /**
   * Who a token stands for; `undefined` when nobody, or no longer.
   * @param input.channel - Where it was shown: the cookie of a browser by default.
   * @param input.background - Made by the page, not by the person: does not extend the idle limit.
   */
  check(input: {
    readonly token: string;
    readonly background: boolean;
    readonly channel?: Channel;
  }): Promise<SignedIn | undefined>;
  /** Notes a request of nobody who is signed in: counted, so that nobody can flood the audit log. */
  noteUnknownCaller(route: string): Promise<void>;
  /** Ends a session at once, its live stream too. */
  end(token: string, channel?: Channel): Promise<void>;
  /** Ends every session of whoever is signed in, this one too (SR-18). */
  endEverywhere(signedIn: SignedIn): Promise<void>;
  /** Takes expired sessions and links away, and writes what was only counted; to be called now and then. */
  sweep(): Promise<void>;
}

/** What staff identity stands on. */
export interface StaffDeskPorts extends StatePorts {
  readonly database: Database;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly demo: boolean;
  readonly consoleOrigin: string;
  /** Takes patients out of the care of who may not have them any more, in the transaction that makes it so. */
  readonly endLostCare: (tx: Transaction, staff: Staff, actor: string) => Promise<void>;
  /** What machines name in what they sign; without it none can log in. */
  readonly hospitalId?: string | undefined;
  /** Shown by authenticators and TOTP apps, and no part of a password. */
  readonly hospitalName?: string;
  /** For tests: cheaper hashes than anybody should have. */
  readonly unsafePasswordCost?: PasswordCost;
}

/** As the audit log names whoever is at the private socket. */
const OPERATOR = "operator";
/** What the hospital is called where nobody said its name. */
const NO_NAME = "SIPHMS";

/** Joins staff identity with its storage. */
export function createStaffDesk(ports: StaffDeskPorts): StaffDesk {
  const { database, keyring, clock } = ports;
  const unknownCallers = createUnknownCallers(ports);
  const parts = {
    ...ports,
    unknownCallers,
    hospitalName: ports.hospitalName ?? NO_NAME,
    hasher: createPasswordHasher(keyring, ports.unsafePasswordCost),
  };
  return {
    logIn: createLogInDesk(parts),
    setUp: createSetUpDesk(parts),
    factors: createFactorDesk(parts),
    add: (staff, actor = OPERATOR) =>
      database.withTransaction((tx) => addStaff(tx, { ...staff, actor }, ports)),
    addIntegration: (integration, actor = OPERATOR) =>
      addIntegration({ integration, actor }, ports),
    list: () => listStaff(database, keyring),
    disable: (name, actor = OPERATOR) =>
      database.withTransaction((tx) => disable(tx, { name, actor }, ports)),
    changeRole: (change) => database.withTransaction((tx) => changeRole(tx, change, ports)),

    async open(linkToken, previousToken) {
      if (!ports.demo) return { kind: "demo-only" };
      return database.withTransaction((tx) => openDemo(tx, { linkToken, previousToken }, ports));
    },

    check: (input) => checkStaffSession(input, ports),
    noteUnknownCaller: (route) =>
      unknownCallers.note({
        ...{ event: "access.refused", object: route },
        detail: { why: "not-signed-in" },
      }),
    end: (token, channel = "browser") =>
      database.withTransaction((tx) => end(tx, { token, channel }, ports)),
    endEverywhere: (signedIn) =>
      database.withTransaction(async (tx) => {
        await sessionsOf(tx, ports).deleteAll(signedIn.staff.id);
        await noteSignedOut(tx, { staffId: signedIn.staff.id, everywhere: true }, clock.now());
      }),

    async sweep() {
      await sweepState(database, ports, clock.now());
      await unknownCallers.flush();
    },
  };
}

async function addStaff(
  tx: Transaction,
  input: { readonly name: string; readonly role: PersonRole; readonly actor: string },
  ports: StaffDeskPorts,
): Promise<AddOutcome> {
  const { keyring } = ports;
  const { actor, ...wanted } = input;
  const now = ports.clock.now();
  const known = await findStaffByName(tx, keyring, wanted.name);
  if (known !== undefined && isOwn(known, actor)) return { kind: "own-account" };
  if (known !== undefined && known.role !== wanted.role) return { kind: "role-differs" };
  if (known?.state === "disabled") return { kind: "disabled" };
  const staff = known ?? (await insertStaff(tx, keyring, { ...wanted, createdAt: now }));
  const made = await makeLink(tx, { staff, now }, ports);
  await appendAudit(tx, [
    {
      at: now,
      event: known === undefined ? "staff.added" : "staff.link",
      actor,
      object: auditNameOfStaff(staff.id),
      action: "create",
      outcome: "done",
      detail: { role: staff.role },
    },
  ]);
  return { kind: "added", ...made };
}

async function disable(
  tx: Transaction,
  { name, actor }: { readonly name: string; readonly actor: string },
  { keyring, clock, endLostCare }: StaffDeskPorts,
): Promise<DisableOutcome> {
  const staff = await findStaffByName(tx, keyring, name);
  if (staff === undefined) return { kind: "staff-unknown" };
  if (isOwn(staff, actor)) return { kind: "own-account" };
  if (staff.state === "disabled") return { kind: "disabled", staff };
  const changed = await updateStaff(tx, keyring, { staff, change: { state: "disabled" } });
  if (changed === undefined) return { kind: "changed-meanwhile" };
  await deleteAccessOf(tx, staff.id);
  await endLostCare(tx, changed, actor);
  await appendAudit(tx, [
    {
      at: clock.now(),
      event: "staff.disabled",
      actor,
      object: auditNameOfStaff(staff.id),
      action: "update",
      outcome: "done",
    },
  ]);
  return { kind: "disabled", staff: changed };
}

async function changeRole(
  tx: Transaction,
  change: { readonly name: string; readonly role: PersonRole; readonly actor: string },
  { keyring, clock, endLostCare }: StaffDeskPorts,
): Promise<RoleOutcome> {
  const staff = await findStaffByName(tx, keyring, change.name);
  // A machine's account has no factors: as a person's it would be one that nobody set up.
  if (staff === undefined || staff.role === "integration") return { kind: "staff-unknown" };
  if (isOwn(staff, change.actor)) return { kind: "own-account" };
  if (staff.state === "disabled") return { kind: "disabled" };
  if (staff.role === change.role) return { kind: "changed", staff };
  const changed = await updateStaff(tx, keyring, { staff, change: { role: change.role } });
  if (changed === undefined) return { kind: "changed-meanwhile" };
  await deleteAccessOf(tx, staff.id);
  await endLostCare(tx, changed, change.actor);
  const at = clock.now();
  await leaveNotice(tx, { staffId: staff.id, at, kind: "role-changed" });
  await appendAudit(tx, [
    {
      at,
      event: "staff.role-changed",
      actor: change.actor,
      object: auditNameOfStaff(staff.id),
      action: "update",
      outcome: "done",
      detail: { from: staff.role, to: changed.role },
    },
  ]);
  return { kind: "changed", staff: changed };
}

function isOwn({ id }: Staff, actor: string): boolean {
  return auditNameOfStaff(id) === actor;
}

async function openDemo(
  tx: Transaction,
  tokens: { readonly linkToken: string; readonly previousToken: string | undefined },
  ports: StaffDeskPorts,
): Promise<OpenOutcome> {
  const now = ports.clock.now();
  const good = await lockGoodLink(tx, tokens.linkToken, { keyring: ports.keyring, now });
  if (good === undefined) return { kind: "link-invalid" };
  await markLinkUsed(tx, ports.keyring, { link: good.link, now });
  const { previousToken } = tokens;
  const opened = await openStaffSession(
    tx,
    { staff: good.staff, method: "demo-link", channel: "browser", previousToken },
    ports,
  );
  return { kind: "opened", ...opened };
}

async function end(
  tx: Transaction,
  { token, channel }: { readonly token: string; readonly channel: Channel },
  ports: StaffDeskPorts,
): Promise<void> {
  const idHash = tokenHash(ports.keyring, token, channel);
  const sessions = sessionsOf(tx, ports);
  const session = await sessions.find(idHash);
  if (session === undefined || !(await sessions.delete(idHash))) return;
  await noteSignedOut(tx, { staffId: session.staffId, everywhere: false }, ports.clock.now());
}

async function noteSignedOut(
  tx: Transaction,
  { staffId, everywhere }: { readonly staffId: number; readonly everywhere: boolean },
  at: number,
): Promise<void> {
  await appendAudit(tx, [
    {
      at,
      event: "staff.signed-out",
      actor: auditNameOfStaff(staffId),
      action: "execute",
      outcome: "done",
      ...(everywhere ? { detail: { everywhere } } : {}),
    },
  ]);
}
