import type { NodeCrypto } from "@siphms/node-crypto";
import { fromHex, toHex } from "@siphms/cose";
import { openInstallationKey, openKeyring, type Kek, type Keyring } from "../keys/index.ts";
import type { PartHeader } from "./description.ts";
import { BackupError } from "./error.ts";

/** Seals the age identity of a backup under the installation key. */
export function sealIdentity(keyring: Keyring, backup: string, identity: string): string {
  return toHex(keyring.sealCell(identityCell(backup), new TextEncoder().encode(identity)));
}

/** What a header's keys open. */
export interface OpenedHeader {
  readonly keyring: Keyring;
  /** The age identity that opens what stands behind the header. */
  readonly identity: string;
}

/**
 * Opens a backup's header with the key-encryption key.
 *
 * @param more - The header of a later backup of the same hospital: its key-encryption key may be another one by now.
 * @throws {BackupError} `BACKUP_KEK_WRONG` where it opens neither.
 */
export function openHeader(
  header: PartHeader,
  {
    kek,
    crypto,
    more,
  }: { readonly kek: Kek; readonly crypto: NodeCrypto; readonly more?: PartHeader },
): OpenedHeader {
  const rows = [...header.keys, ...(more?.keys ?? [])].map(([fingerprint, wrapped]) => ({
    kek: fromHex(fingerprint),
    wrapped: fromHex(wrapped),
  }));
  try {
    const found = openInstallationKey(rows, kek, crypto);
    // An installation of an earlier release has no rows: its key-encryption key is the installation key.
    const key = found ?? (rows.length === 0 ? { bytes: kek.bytes, adopted: true } : undefined);
    if (key !== undefined) {
      const keyring = openKeyring(key, crypto);
      const identity = keyring.openCell(identityCell(header.backup), fromHex(header.identity));
      return { keyring, identity: new TextDecoder().decode(identity) };
    }
  } catch (cause) {
    throw wrongKek(cause);
  }
  throw wrongKek();
}

function identityCell(backup: string) {
  return { table: "backup", column: "identity", row: backup };
}

function wrongKek(cause?: unknown): BackupError {
  return new BackupError(
    "BACKUP_KEK_WRONG",
    "this key-encryption key does not open the backup, or the backup's first line was altered; nothing was written. Use the key of the time when it was made, or a newer backup's keys",
    cause === undefined ? {} : { cause },
  );
}
