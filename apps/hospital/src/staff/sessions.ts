import { fromHex, toBase64Url, toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff, setCaller } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { sessionsOf, type StatePorts } from "./log-in-state.ts";
import type { SessionMethod, StaffSessionRow } from "./session-rows.ts";
import { findStaffById, type Staff } from "./staff-rows.ts";

/** A session without any act of a person ends after this long (SR-17). */
export const IDLE_LIMIT_MS = 15 * 60_000;
/** Administrators can do more, so their unattended screens close sooner (SR-17). */
export const ADMINISTRATOR_IDLE_LIMIT_MS = 5 * 60_000;
/** Every session of a browser ends after this long, whatever happens in it (SR-17). */
export const SESSION_LIFETIME_MS = 12 * 3_600_000;
/** A session of the command line lies in a file, where nothing closes it with a window: it is good for one piece of work. */
export const COMMAND_SESSION_LIFETIME_MS = 15 * 60_000;

/** Where a session is used. A token of one opens nothing in the other. */
export type Channel = "browser" | "command-line";

const CHANNELS = {
  browser: { index: "staff-session", lifetimeMs: SESSION_LIFETIME_MS },
  "command-line": { index: "staff-command-session", lifetimeMs: COMMAND_SESSION_LIFETIME_MS },
} as const;

const TOKEN_BYTES = 32;

/** Who is signed in on a request. */
export interface SignedIn {
  /** Names the session among others; not the cookie's value and of no use as one. */
  readonly sessionKey: string;
  readonly staff: Staff;
  /** The absolute end. */
  readonly expiresAt: number;
  /** The end, if nothing is done until then. */
  readonly idleEndsAt: number;
  /** When this session last proved who the person is: at log-in or step-up. ms. */
  readonly provedAt: number;
  readonly method: SessionMethod;
}

/** A session that has just been opened, with the cookie's value, which is kept nowhere. */
export interface OpenedSession {
  readonly token: string;
  readonly signedIn: SignedIn;
}

/** What sessions are kept with. */
export interface SessionPorts extends StatePorts {
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
}

/** What names a session in the database, made of its name for others. */
export function sessionIdHash({ sessionKey }: Pick<SignedIn, "sessionKey">): Bytes {
  return fromHex(sessionKey);
}

/** Lets the audit entries of the request say who made it. */
export function noteCaller(signedIn: SignedIn): SignedIn {
  const { id, role } = signedIn.staff;
  setCaller({ actor: auditNameOfStaff(id), role, sessionHash: sessionIdHash(signedIn) });
  return signedIn;
}

/** Whether somebody can sign in as a person: one whose account is not disabled. */
export function canSignIn(staff: Staff | undefined): staff is Staff {
  return staff?.state === "active" && staff.role !== "integration";
}

/** Whether a machine can log in with its key. */
export function canUseKey(staff: Staff | undefined): staff is Staff {
  return staff?.state === "active" && staff.role === "integration";
}

/** What a session's token is found by. */
export function tokenHash(keyring: Keyring, token: string, channel: Channel): Bytes {
  return keyring.blindIndex(CHANNELS[channel].index, token);
}

/**
 * Opens a session for somebody who has proved who they are; the session before it ends.
 *
 * @param input.previousToken - Of the same channel.
 * @param input.detail - For the audit entry, beside the method.
 */
export async function openStaffSession(
  tx: Transaction,
  input: {
    readonly staff: Staff;
    readonly method: SessionMethod;
    readonly channel: Channel;
    readonly previousToken: string | undefined;
    readonly detail?: Readonly<Record<string, boolean | string>>;
  },
  ports: SessionPorts,
): Promise<OpenedSession> {
  const { staff, method, channel, previousToken } = input;
  const now = ports.clock.now();
  if (previousToken !== undefined) {
    await sessionsOf(tx, ports).delete(tokenHash(ports.keyring, previousToken, channel));
  }
  const opened = await insertUnderNewToken(
    tx,
    {
      staff,
      channel,
      session: {
        staffId: staff.id,
        createdAt: now,
        lastActiveAt: now,
        expiresAt: now + CHANNELS[channel].lifetimeMs,
        provedAt: now,
        method,
      },
    },
    ports,
  );
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.signed-in",
      actor: auditNameOfStaff(staff.id),
      action: "execute",
      outcome: "done",
      detail: { by: method, ...(channel === "browser" ? {} : { channel }), ...input.detail },
    },
  ]);
  return opened;
}

/**
 * Puts a new session of a browser in the place of one whose person has just proved anew who they are.
 *
 * It has another token (SR-16), and ends when the old one would have: a step-up is no way to stay for ever.
 *
 * @returns `undefined` when the old one has ended meanwhile.
 */
export async function renewStaffSession(
  tx: Transaction,
  input: { readonly signedIn: SignedIn; readonly method: SessionMethod },
  ports: SessionPorts,
): Promise<OpenedSession | undefined> {
  const { staff } = input.signedIn;
  const now = ports.clock.now();
  const idHash = sessionIdHash(input.signedIn);
  const sessions = sessionsOf(tx, ports);
  const old = await sessions.find(idHash);
  if (old === undefined || !(await sessions.delete(idHash))) return undefined;
  const opened = await insertUnderNewToken(
    tx,
    {
      staff,
      channel: "browser",
      session: { ...old, lastActiveAt: now, provedAt: now, method: input.method },
    },
    ports,
  );
  await appendAudit(tx, [
    {
      at: now,
      event: "staff.stepped-up",
      actor: auditNameOfStaff(staff.id),
      action: "execute",
      outcome: "done",
      detail: { by: input.method },
    },
  ]);
  return opened;
}

/**
 * Who a token stands for; `undefined` when nobody, or no longer.
 *
 * @param input.channel - Where it was shown: the cookie of a browser by default.
 * @param input.background - Made by the page, not by the person: does not extend the idle limit.
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function checkStaffSession(
  input: { readonly token: string; readonly background: boolean; readonly channel?: Channel },
  ports: SessionPorts & { readonly database: Database; readonly demo: boolean },
): Promise<SignedIn | undefined> {
  const { database, keyring, clock, demo } = ports;
  const idHash = tokenHash(keyring, input.token, input.channel ?? "browser");
  const sessions = sessionsOf(database, ports);
  const session = await sessions.find(idHash);
  // A demo's data folder never becomes a real one; should somebody try, its open doors stay behind.
  if (session === undefined || (session.method === "demo-link" && !demo)) return undefined;
  const staff = await findStaffById(database, keyring, session.staffId);
  const now = clock.now();
  const mayHaveIt = session.method === "key" ? canUseKey(staff) : canSignIn(staff);
  if (staff === undefined || !mayHaveIt || isOver(session, staff, now)) return undefined;
  const signedIn = signedInOf(session, staff);
  // Nobody in a demo has a factor to prove anything with.
  const current = session.method === "demo-link" ? { ...signedIn, provedAt: now } : signedIn;
  if (input.background) return current;
  await sessions.touch(session, now);
  return { ...current, idleEndsAt: idleEndOf({ ...session, lastActiveAt: now }, staff) };
}

async function insertUnderNewToken(
  tx: Transaction,
  {
    staff,
    channel,
    session,
  }: {
    readonly staff: Staff;
    readonly channel: Channel;
    readonly session: Omit<StaffSessionRow, "idHash" | "version">;
  },
  ports: SessionPorts,
): Promise<OpenedSession> {
  // Never the value that a browser brought along: a session that somebody else planted stays worthless (SR-16).
  const token = toBase64Url(ports.crypto.randomBytes(TOKEN_BYTES));
  const row = { ...session, idHash: tokenHash(ports.keyring, token, channel) };
  await sessionsOf(tx, ports).insert(row);
  return { token, signedIn: signedInOf(row, staff) };
}

function signedInOf(session: Omit<StaffSessionRow, "version">, staff: Staff): SignedIn {
  const { idHash, expiresAt, provedAt, method } = session;
  const idleEndsAt = idleEndOf(session, staff);
  return { sessionKey: toHex(idHash), staff, expiresAt, idleEndsAt, provedAt, method };
}

function isOver(session: StaffSessionRow, staff: Staff, now: number): boolean {
  return now >= session.expiresAt || now >= idleEndOf(session, staff);
}

function idleEndOf(
  { lastActiveAt }: Pick<StaffSessionRow, "lastActiveAt">,
  { role }: Staff,
): number {
  return lastActiveAt + (role === "administrator" ? ADMINISTRATOR_IDLE_LIMIT_MS : IDLE_LIMIT_MS);
}
