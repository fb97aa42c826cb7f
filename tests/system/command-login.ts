import { randomUUID } from "node:crypto";
import type { IntegrationKeyFile } from "@siphms/api";
import {
  createIntegrationKey,
  publicHalf,
} from "../../apps/cli/src/installation/integration-key.ts";
import { createKeyLogin, logInWithKey } from "../../apps/cli/src/installation/key-login.ts";
import { layoutOf } from "../../apps/cli/src/installation/layout.ts";
import { storeLogin } from "../../apps/cli/src/installation/login-file.ts";
import {
  createOperatorClient,
  type OperatorClient,
} from "../../apps/cli/src/installation/operator-client.ts";

/** Sooner than a proof of who somebody is gets old for dangerous acts. */
const FRESH_MS = 4 * 60_000;

/** An integration account of a test's own, which is logged in whenever commands about patients are run. */
export class CommandLogin {
  readonly #data: string;
  #key: Promise<IntegrationKeyFile> | undefined;
  #loggedInAt = -Infinity;

  /** @param data - The folder in which the hospital's socket lies under `run/`. */
  constructor(data: string) {
    this.#data = data;
  }

  /** A client that logs in as this account by itself. */
  connect(): OperatorClient {
    const { operatorSocket } = layoutOf(this.#data);
    return createOperatorClient(
      operatorSocket,
      createKeyLogin(operatorSocket, () => this.#keyOf()),
    );
  }

  /** Keeps a fresh log-in for the commands that follow, as `siphms login --key` does. */
  async keepFresh(): Promise<void> {
    if (performance.now() - this.#loggedInAt < FRESH_MS) return;
    const layout = layoutOf(this.#data);
    await storeLogin(layout, await logInWithKey(layout.operatorSocket, await this.#keyOf()));
    this.#loggedInAt = performance.now();
  }

  /** Knows that its session is over: the next command logs in anew. */
  forget(): void {
    this.#loggedInAt = -Infinity;
  }

  #keyOf(): Promise<IntegrationKeyFile> {
    const making = (this.#key ??= this.#register());
    making.catch(() => (this.#key = undefined));
    return making;
  }

  async #register(): Promise<IntegrationKeyFile> {
    const operator = createOperatorClient(layoutOf(this.#data).operatorSocket);
    try {
      const { id: hospital } = await operator.registration();
      const key = await createIntegrationKey({ hospital, name: `Tests ${randomUUID()}` });
      await operator.addIntegration({ name: key.name, key: publicHalf(key) });
      return key;
    } finally {
      operator.close();
    }
  }
}
