import path from "node:path";
import type { PartName } from "./description.ts";

/** Names of backups, which sort by time: `siphms-20261123T171500Z-0123456789abcdef`. */
const NAME =
  /^siphms-([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z-([0-9a-f]{16})$/;

/** The name of a backup's folder. */
export function backupName(id: string, madeAt: number): string {
  const time = new Date(madeAt).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `siphms-${time}-${id}`;
}

/** What a folder's name says; `undefined` where it is no backup's. */
export function parseBackupName(
  name: string,
): { readonly id: string; readonly madeAt: number } | undefined {
  const [, year, month, day, hour, minute, second, id] = NAME.exec(name) ?? [];
  if (id === undefined) return undefined;
  const madeAt = Date.parse(
    `${year ?? ""}-${month ?? ""}-${day ?? ""}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}Z`,
  );
  // No moment at all is as long ago as can be.
  return { id, madeAt: Number.isNaN(madeAt) ? 0 : madeAt };
}

/** Where a part of a backup lies. */
export function partFile(folder: string, part: PartName): string {
  return path.join(folder, part);
}
