import { open, readFile } from "node:fs/promises";
import path from "node:path";
import { equalBytes, fromHex, toHex } from "@siphms/cose";
import type { Keyring } from "../keys/index.ts";
import { parseMark, type MarkFields } from "./description.ts";
import { BackupError } from "./error.ts";
import { altered } from "./frames.ts";

/** What makes and checks marks. */
export type MarkKeyring = Pick<Keyring, "blindIndex">;

/** A mark as it was read. */
export interface ReadMark extends MarkFields {
  /** Whether this installation has written it. Until then nothing of it is believed but whose it may be. */
  readonly isOurs: boolean;
}

const FILE = "whole";

/**
 * Writes the file that says that a backup is whole, and syncs it: the last one of its folder, once both parts were read back.
 *
 * @throws whatever the disk answers.
 */
export async function writeMark(
  folder: string,
  fields: MarkFields,
  keyring: MarkKeyring,
): Promise<void> {
  const file = await open(path.join(folder, FILE), "wx", 0o600);
  try {
    const mac = toHex(macOf(fields, keyring));
    await file.writeFile(`${JSON.stringify({ ...fields, mac })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the file that says that a backup is whole. @throws {BackupError} `BACKUP_MISSING`, `BACKUP_ALTERED` */
export async function readMark(folder: string, keyring: MarkKeyring): Promise<ReadMark> {
  const file = path.join(folder, FILE);
  const json = await readFile(file).catch((cause: unknown) => {
    throw new BackupError("BACKUP_MISSING", `there is no ${file} that can be read`, { cause });
  });
  if (json.length > MAX_BYTES) throw altered();
  const { mac, ...fields } = parseMark(json);
  return { ...fields, isOurs: equalBytes(macOf(fields, keyring), fromHex(mac)) };
}

const MAX_BYTES = 4_096;

function macOf(fields: MarkFields, keyring: MarkKeyring): Uint8Array {
  const { format, backup, hospital, madeAt, keysBytes, recordsBytes } = fields;
  const covered = [format, backup, hospital, madeAt, keysBytes, recordsBytes];
  return keyring.blindIndex("backup", JSON.stringify(covered));
}
