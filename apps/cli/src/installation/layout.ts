import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";

import { OPERATOR_SOCKET } from "@siphms/api";

/** Default of `--data`. */
export const DEFAULT_DATA = ".siphms";

/** The folders of one installation on one machine (architecture section 5). */
export interface Layout {
  readonly data: string;
  readonly secrets: string;
  readonly run: string;
  readonly pg: string;
  readonly gateway: string;
  readonly demo: string;
  readonly logs: string;
  readonly operatorSocket: string;
}

/** Says where everything lies, without touching the disk. */
export function layoutOf(data: string): Layout {
  const root = path.resolve(data);
  const inside = (name: string): string => path.join(root, name);
  return {
    data: root,
    secrets: inside("secrets"),
    run: inside("run"),
    pg: inside("pg"),
    gateway: inside("gateway"),
    demo: inside("demo"),
    logs: inside("logs"),
    operatorSocket: path.join(root, "run", OPERATOR_SOCKET),
  };
}

/**
 * Makes the folders: the root may be passed by every user, as the database's account has to, the others are private.
 *
 * The database's own folder is made by its supervisor, which knows its account.
 */
export async function makeFolders(layout: Layout): Promise<void> {
  await mkdir(layout.data, { recursive: true });
  await chmod(layout.data, 0o711);
  for (const folder of [layout.secrets, layout.run, layout.gateway, layout.demo, layout.logs]) {
    await mkdir(folder, { recursive: true });
    // Not left to the umask.
    await chmod(folder, 0o700);
  }
}
