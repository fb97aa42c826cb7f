import { toBase64Url, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findLink, insertLink, lockLink, type StaffLinkRow } from "./link-rows.ts";
import { canSignIn } from "./sessions.ts";
import { findStaffById, type Staff } from "./staff-rows.ts";

/** How long a link for a member of staff is good. */
export const LINK_LIFETIME_MS = 10 * 60_000;

const TOKEN_BYTES = 32;

/** A link that is good now, and whom it is for. */
export interface GoodLink {
  readonly link: StaffLinkRow;
  readonly staff: Staff;
}

/** Makes a one-use link for a member of staff (SR-10). */
export async function makeLink(
  tx: Transaction,
  input: { readonly staff: Staff; readonly now: number },
  ports: { keyring: Keyring; crypto: NodeCrypto; consoleOrigin: string },
): Promise<{ readonly link: string; readonly expires: number }> {
  const { keyring, crypto, consoleOrigin } = ports;
  const token = toBase64Url(crypto.randomBytes(TOKEN_BYTES));
  const expires = input.now + LINK_LIFETIME_MS;
  const tokenHash = hashOf(token, keyring);
  await insertLink(tx, keyring, { tokenHash, staffId: input.staff.id, expiresAt: expires });
  // The fragment is never sent to a server, so the token stands in no log on the way.
  return { link: `${consoleOrigin}/enter#${token}`, expires };
}

/** Whom a link's token is for; `undefined` when it is not good, or not any more. @throws {KeyError} `ROW_ALTERED` */
export async function findGoodLink(
  queryable: Queryable,
  token: string,
  ports: { readonly keyring: Keyring; readonly now: number },
): Promise<GoodLink | undefined> {
  const link = await findLink(queryable, ports.keyring, hashOf(token, ports.keyring));
  return ownerOf(queryable, link, ports);
}

/** As {@link findGoodLink}, and locks it, so that of two uses one comes first. */
export async function lockGoodLink(
  tx: Transaction,
  token: string,
  ports: { readonly keyring: Keyring; readonly now: number },
): Promise<GoodLink | undefined> {
  const link = await lockLink(tx, ports.keyring, hashOf(token, ports.keyring));
  return ownerOf(tx, link, ports);
}

async function ownerOf(
  queryable: Queryable,
  link: StaffLinkRow | undefined,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): Promise<GoodLink | undefined> {
  if (link === undefined || link.usedAt !== null || now >= link.expiresAt) return undefined;
  const staff = await findStaffById(queryable, keyring, link.staffId);
  return canSignIn(staff) ? { link, staff } : undefined;
}

function hashOf(token: string, keyring: Keyring): Bytes {
  return keyring.blindIndex("staff-link", token);
}
