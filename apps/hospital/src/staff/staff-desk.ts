import type { Role } from "@siphms/api";
import { toBase64Url, toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { insertLink, lockLink, markLinkUsed } from "./link-rows.ts";
import {
  deleteAccessOf,
  deleteExpired,
  deleteStaffSession,
  findStaffSession,
  insertStaffSession,
  touchStaffSession,
  type StaffSessionRow,
} from "./session-rows.ts";
import {
  disableStaff,
  findStaffById,
  findStaffByName,
  insertStaff,
  listStaff,
  type Staff,
} from "./staff-rows.ts";

/** How long a link for a member of staff is good. */
export const LINK_LIFETIME_MS = 10 * 60_000;
/** A session without any act of a person ends after this long (SR-17). */
export const IDLE_LIMIT_MS = 15 * 60_000;
/** Administrators can do more, so their unattended screens close sooner (SR-17). */
export const ADMINISTRATOR_IDLE_LIMIT_MS = 5 * 60_000;
/** Every session ends after this long, whatever happens in it (SR-17). */
export const SESSION_LIFETIME_MS = 12 * 3_600_000;

const TOKEN_BYTES = 32;

/** Who is signed in on a request. */
export interface SignedIn {
  /** Names the session among others; not the cookie's value and of no use as one. */
  readonly sessionKey: string;
  readonly staff: Staff;
  readonly expiresAt: number;
}

/** What opening a session came to. `demo-only`: this installation does not turn links into sessions. */
export type OpenOutcome =
  | { readonly kind: "opened"; readonly token: string; readonly signedIn: SignedIn }
  | { readonly kind: "demo-only" }
  | { readonly kind: "link-invalid" };

/** What adding a member of staff came to. */
export type AddOutcome =
  | { readonly kind: "added"; readonly link: string; readonly expires: number }
  | { readonly kind: "role-differs" }
  | { readonly kind: "disabled" };

/** What disabling an account came to; disabling again is no error. */
export type DisableOutcome =
  | { readonly kind: "changed-meanwhile" }
  | { readonly kind: "disabled"; readonly staff: Staff }
  | { readonly kind: "staff-unknown" };

/** Staff, their links and their browser sessions. */
export interface StaffDesk {
  /** Adds a member of staff and makes a one-use link; for one who is there already only the link. */
  add(staff: { readonly name: string; readonly role: Role }): Promise<AddOutcome>;
  /** Everybody who has or had an account. */
  list(): Promise<readonly Staff[]>;
  /** Disables an account and ends everything that it opened, in one transaction (SR-18). */
  disable(name: string): Promise<DisableOutcome>;
  /** Opens a session from a link's token; the browser's session before it ends. Demo installations only. */
  open(linkToken: string, previousToken: string | undefined): Promise<OpenOutcome>;
  /**
   * Who a cookie's value stands for; `undefined` when nobody, or no longer.
   * @param input.background - Made by the page, not by the person: does not extend the idle limit.
   */
  check(input: {
    readonly token: string;
    readonly background: boolean;
  }): Promise<SignedIn | undefined>;
  /** Ends a session at once, its live stream too. */
  end(token: string): Promise<void>;
  /** Takes expired sessions and links away; to be called now and then. */
  sweep(): Promise<void>;
}

interface StaffDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly demo: boolean;
  readonly consoleOrigin: string;
}

/** Joins staff identity with its storage. */
export function createStaffDesk(ports: StaffDeskPorts): StaffDesk {
  const { database, keyring, clock } = ports;
  return {
    add: (staff) => database.withTransaction((tx) => addStaff(tx, staff, ports)),

    list: () => listStaff(database, keyring),
    disable: (name) => database.withTransaction((tx) => disable(tx, name, ports)),

    async open(linkToken, previousToken) {
      if (!ports.demo) return { kind: "demo-only" };
      return database.withTransaction((tx) => openSession(tx, { linkToken, previousToken }, ports));
    },

    async check({ token, background }) {
      const idHash = keyring.blindIndex("staff-session", token);
      const session = await findStaffSession(database, keyring, idHash);
      if (session === undefined) return undefined;
      const staff = await findStaffById(database, keyring, session.staffId);
      const now = clock.now();
      if (staff?.state !== "active" || isOver(session, staff, now)) return undefined;
      if (!background) await touchStaffSession(database, keyring, { session, now });
      return { sessionKey: toHex(idHash), staff, expiresAt: session.expiresAt };
    },

    end: (token) =>
      database.withTransaction(async (tx) => {
        const idHash = keyring.blindIndex("staff-session", token);
        const session = await findStaffSession(tx, keyring, idHash);
        if (session === undefined || !(await deleteStaffSession(tx, idHash))) return;
        await appendAudit(tx, [
          {
            at: clock.now(),
            event: "staff.signed-out",
            actor: `staff:${String(session.staffId)}`,
            action: "execute",
            outcome: "done",
          },
        ]);
      }),

    sweep: () => deleteExpired(database, clock.now()),
  };
}

async function addStaff(
  tx: Transaction,
  wanted: { readonly name: string; readonly role: Role },
  { keyring, crypto, clock, consoleOrigin }: StaffDeskPorts,
): Promise<AddOutcome> {
  const now = clock.now();
  const known = await findStaffByName(tx, keyring, wanted.name);
  if (known !== undefined && known.role !== wanted.role) return { kind: "role-differs" };
  if (known?.state === "disabled") return { kind: "disabled" };
  const staff = known ?? (await insertStaff(tx, keyring, { ...wanted, createdAt: now }));
  const token = toBase64Url(crypto.randomBytes(TOKEN_BYTES));
  const expires = now + LINK_LIFETIME_MS;
  const tokenHash = keyring.blindIndex("staff-link", token);
  await insertLink(tx, keyring, { tokenHash, staffId: staff.id, expiresAt: expires });
  await appendAudit(tx, [
    {
      at: now,
      event: known === undefined ? "staff.added" : "staff.link",
      actor: "operator",
      object: `staff:${String(staff.id)}`,
      action: "create",
      outcome: "done",
      detail: { role: staff.role },
    },
  ]);
  // The fragment is never sent to a server, so the token stands in no log on the way.
  return { kind: "added", link: `${consoleOrigin}/enter#${token}`, expires };
}

async function disable(
  tx: Transaction,
  name: string,
  { keyring, clock }: StaffDeskPorts,
): Promise<DisableOutcome> {
  const staff = await findStaffByName(tx, keyring, name);
  if (staff === undefined) return { kind: "staff-unknown" };
  if (staff.state === "disabled") return { kind: "disabled", staff };
  if (!(await disableStaff(tx, keyring, staff))) return { kind: "changed-meanwhile" };
  await deleteAccessOf(tx, staff.id);
  await appendAudit(tx, [
    {
      at: clock.now(),
      event: "staff.disabled",
      actor: "operator",
      object: `staff:${String(staff.id)}`,
      action: "update",
      outcome: "done",
    },
  ]);
  return { kind: "disabled", staff };
}

async function openSession(
  tx: Transaction,
  tokens: { readonly linkToken: string; readonly previousToken: string | undefined },
  { keyring, crypto, clock }: StaffDeskPorts,
): Promise<OpenOutcome> {
  const now = clock.now();
  const staff = await redeemLink(tx, tokens.linkToken, { keyring, now });
  if (staff === undefined) return { kind: "link-invalid" };
  if (tokens.previousToken !== undefined) {
    await deleteStaffSession(tx, keyring.blindIndex("staff-session", tokens.previousToken));
  }
  // Never the value that a browser brought along: a session that somebody else planted stays worthless (SR-16).
  const token = toBase64Url(crypto.randomBytes(TOKEN_BYTES));
  const idHash = keyring.blindIndex("staff-session", token);
  const expiresAt = now + SESSION_LIFETIME_MS;
  await insertStaffSession(tx, keyring, {
    idHash,
    staffId: staff.id,
    createdAt: now,
    lastActiveAt: now,
    expiresAt,
  });
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.signed-in",
      actor: `staff:${String(staff.id)}`,
      action: "execute",
      outcome: "done",
      detail: { by: "demo-link" },
    },
  ]);
  return { kind: "opened", token, signedIn: { sessionKey: toHex(idHash), staff, expiresAt } };
}

async function redeemLink(
  tx: Transaction,
  token: string,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): Promise<Staff | undefined> {
  const tokenHash: Bytes = keyring.blindIndex("staff-link", token);
  const link = await lockLink(tx, keyring, tokenHash);
  if (link === undefined || link.usedAt !== null || now >= link.expiresAt) return undefined;
  const staff = await findStaffById(tx, keyring, link.staffId);
  if (staff?.state !== "active") return undefined;
  await markLinkUsed(tx, keyring, { link, now });
  return staff;
}

function isOver(session: StaffSessionRow, staff: Staff, now: number): boolean {
  const idleLimitMs = staff.role === "administrator" ? ADMINISTRATOR_IDLE_LIMIT_MS : IDLE_LIMIT_MS;
  return now >= session.expiresAt || now >= session.lastActiveAt + idleLimitMs;
}
