import { randomUUID } from "node:crypto";

import {
  keyRequestSchema,
  openedCommandSessionSchema,
  OPERATOR_PATHS,
  parseApi,
} from "@siphms/api";
import type { IntegrationKeyFile, OpenedCommandSession } from "@siphms/api";

import { createIntegrationKey, publicHalf, signKeyLogIn } from "./integration-key.ts";
import { createOperatorClient } from "./operator-client.ts";
import type { OperatorClient } from "./operator-client.ts";
import { createOperatorRequests } from "./operator-requests.ts";
import type { OperatorLogin } from "./operator-requests.ts";

/**
 * Logs in with the key of an integration account.
 *
 * @param previous - Whose session it ends, where it takes the place of one.
 * @throws {CliError} when the hospital refuses.
 */
export async function logInWithKey(
  socket: string,
  key: IntegrationKeyFile,
  previous?: OperatorLogin,
): Promise<OpenedCommandSession> {
  const requests = createOperatorRequests(socket, previous);
  try {
    const asked = await requests.ask({ method: "POST", path: OPERATOR_PATHS.logInKeyRequest });
    const { challenge } = parseApi(keyRequestSchema, asked);
    const signature = await signKeyLogIn(key, challenge);
    const body = { name: key.name, challenge, signature };
    const opened = await requests.askAs({ method: "POST", path: OPERATOR_PATHS.logInKey, body });
    return parseApi(openedCommandSessionSchema, opened);
  } finally {
    requests.close();
  }
}

/** A login that signs in by itself whenever it has to: for programs that hold a key. */
export function createKeyLogin(
  socket: string,
  loadKey: () => Promise<IntegrationKeyFile>,
): OperatorLogin {
  let current: Promise<string> | undefined;
  const open = (): Promise<string> => {
    const opening = loadKey()
      .then((key) => logInWithKey(socket, key))
      .then(({ token }) => token);
    current = opening;
    // The next request tries anew.
    opening.catch(() => (current = undefined));
    return opening;
  };
  return {
    token: () => current ?? open(),
    // Of many requests that were refused together one logs in, and all others take what it got.
    async renew(refused) {
      const held = current;
      const token = await held?.catch(() => undefined);
      if (token !== undefined && token !== refused) return token;
      return current === held || current === undefined ? open() : current;
    },
  };
}

/**
 * Makes a client with an integration account of its own, added at its first request about a patient: for benches and tests.
 *
 * Whoever reaches the socket may add accounts, so this opens nothing that was shut. Its key is kept nowhere.
 */
export function createMachineClient(socket: string, name = "Machine"): OperatorClient {
  let key: Promise<IntegrationKeyFile> | undefined;
  const register = async (): Promise<IntegrationKeyFile> => {
    const operator = createOperatorClient(socket);
    try {
      const { id: hospital } = await operator.registration();
      const made = await createIntegrationKey({
        hospital,
        name: `${name} ${randomUUID().slice(0, 13)}`,
      });
      await operator.addIntegration({ name: made.name, key: publicHalf(made) });
      return made;
    } finally {
      operator.close();
    }
  };
  return createOperatorClient(
    socket,
    createKeyLogin(socket, () => (key ??= register())),
  );
}
