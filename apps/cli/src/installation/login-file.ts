import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

import { openedCommandSessionSchema, parseApi } from "@siphms/api";
import type { OpenedCommandSession, StatedPurpose } from "@siphms/api";

import type { Layout } from "./layout.ts";
import type { OperatorLogin } from "./operator-requests.ts";

/** Where the session of `siphms login` lies until its end. */
export function loginFile({ run }: Layout): string {
  return path.join(run, "login");
}

/** Keeps a session for the commands that follow, readable by this user alone. */
export async function storeLogin(layout: Layout, session: OpenedCommandSession): Promise<void> {
  const file = loginFile(layout);
  const part = `${file}.part`;
  await rm(part, { force: true });
  const handle = await open(part, "wx", 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`${JSON.stringify(session)}\n`);
  } finally {
    await handle.close();
  }
  await rename(part, file);
}

/** The session that was kept; `undefined` where there is none. */
export async function readLogin(layout: Layout): Promise<OpenedCommandSession | undefined> {
  try {
    return parseApi(
      openedCommandSessionSchema,
      JSON.parse(await readFile(loginFile(layout), "utf8")),
    );
  } catch {
    // Not there, or cut short: as good as none.
    return undefined;
  }
}

/** Takes the session away from this machine. */
export async function removeLogin(layout: Layout): Promise<void> {
  await rm(loginFile(layout), { force: true });
}

/** The login of `siphms login`, for one command. Only a person, or a script's next log-in, makes another. */
export function createFileLogin(layout: Layout, purpose?: StatedPurpose): OperatorLogin {
  return {
    purpose,
    token: async () => (await readLogin(layout))?.token,
    renew: () => Promise.resolve(undefined),
  };
}
