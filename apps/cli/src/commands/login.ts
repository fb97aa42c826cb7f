import type { Command } from "commander";

import { openedCommandSessionSchema, OPERATOR_PATHS, parseApi, secondFactorOf } from "@siphms/api";
import type { OpenedCommandSession } from "@siphms/api";

import { withProgress } from "../output.ts";
import { logInWithKey } from "../installation/key-login.ts";
import { readKeyFile } from "../installation/integration-key.ts";
import { createFileLogin, readLogin, removeLogin, storeLogin } from "../installation/login-file.ts";
import { layoutOf } from "../installation/layout.ts";
import type { Layout } from "../installation/layout.ts";
import { createOperatorRequests } from "../installation/operator-requests.ts";
import type { Terminal } from "../terminal.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface LoginOptions extends OperatorOptions {
  readonly key?: string;
}

/** Adds `siphms login | logout`. */
export function addLoginCommands(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("login")
      .description(
        "say who you are, for the commands about patients; good for 15 minutes. Asks for name, password and a code of your app or a recovery code",
      ),
    "siphms login\nsiphms login --key ./nightly-import.key",
  )
    .option("--key <file>", "the key file of an integration account, for scripts")
    .action((options: LoginOptions) => login(options, context));
  operatorCommand(
    program.command("logout").description("end what siphms login began"),
    "siphms logout",
  ).action((options: OperatorOptions) => logout(options, context));
}

async function login(options: LoginOptions, context: CommandContext): Promise<void> {
  const layout = layoutOf(options.data);
  const session =
    options.key === undefined
      ? await logInAsPerson(layout, context.terminal)
      : await withProgress(context.output, "Logging in", logInAsMachine(layout, options.key));
  await storeLogin(layout, session);
  const { name, role, expires } = session;
  context.output.print(
    options.json
      ? JSON.stringify({ name, role, expires })
      : `Signed in as ${name} (${role}) ${endOf(session, Date.now())}. siphms logout ends it sooner.`,
  );
}

async function logInAsMachine(layout: Layout, keyFile: string): Promise<OpenedCommandSession> {
  const key = await readKeyFile(keyFile);
  return logInWithKey(layout.operatorSocket, key, createFileLogin(layout));
}

/** Until when, and how long without a command, where that is shorter. */
export function endOf(
  { expires, idleEnds }: Pick<OpenedCommandSession, "expires" | "idleEnds">,
  now: number,
): string {
  const until = `until ${new Date(expires).toLocaleTimeString()}`;
  if (idleEnds >= expires) return until;
  return `${until}, or until ${Math.round((idleEnds - now) / 60_000)} minutes pass without a command`;
}

/** Both factors go in one request, so that no answer tells which of them was wrong. The session before it ends. */
async function logInAsPerson(layout: Layout, terminal: Terminal): Promise<OpenedCommandSession> {
  const name = await terminal.ask("Name: ");
  const password = await terminal.ask("Password: ", { hidden: true });
  const code = await terminal.ask("Code of your app, or a recovery code: ", { hidden: true });
  const requests = createOperatorRequests(layout.operatorSocket, createFileLogin(layout));
  try {
    const opened = await requests.askAs({
      method: "POST",
      path: OPERATOR_PATHS.logInPassword,
      body: { name: name.trim(), password, code: secondFactorOf(code) ?? code.trim() },
    });
    return parseApi(openedCommandSessionSchema, opened);
  } finally {
    requests.close();
  }
}

async function logout(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const layout = layoutOf(options.data);
  const session = await readLogin(layout);
  // First here: a hospital that does not answer must not keep it.
  await removeLogin(layout);
  if (session !== undefined) {
    const requests = createOperatorRequests(layout.operatorSocket);
    const headers = { authorization: `Bearer ${session.token}` };
    try {
      await requests.ask({ method: "DELETE", path: OPERATOR_PATHS.session, headers });
    } finally {
      requests.close();
    }
  }
  const text = session === undefined ? "Nobody was signed in." : `${session.name} is signed out.`;
  output.print(options.json ? JSON.stringify({ signedOut: session !== undefined }) : text);
}
