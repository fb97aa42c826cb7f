import { rm } from "node:fs/promises";
import path from "node:path";

import type { IntegrationKeyFile } from "@siphms/api";

import {
  createIntegrationKey,
  publicHalf,
  readKeyFile,
  writeKeyFile,
} from "../installation/integration-key.ts";
import { createKeyLogin } from "../installation/key-login.ts";
import type { Layout } from "../installation/layout.ts";
import { createOperatorClient } from "../installation/operator-client.ts";
import type { OperatorClient } from "../installation/operator-client.ts";

/** The integration account that registers and enrols the demo's patients, as a hospital's own system would. */
const DEMO_MACHINE = "Admission system (demo)";

/** Where the key of that account lies: for commands in another terminal too. */
export function demoKeyFile({ demo }: Layout): string {
  return path.join(demo, "integration.key");
}

/** Connects as the demo's machine, whose account and key the first start makes. */
export async function connectDemoMachine(layout: Layout): Promise<OperatorClient> {
  const { operatorSocket } = layout;
  const file = demoKeyFile(layout);
  const operator = createOperatorClient(
    operatorSocket,
    createKeyLogin(operatorSocket, () => readKeyFile(file)),
  );
  const key = await readKeyFile(file).catch(() => makeKey(operator, file));
  // At each start: one that was interrupted may have written the key and told nobody.
  await operator.addIntegration({ name: key.name, key: publicHalf(key) });
  return operator;
}

/** Also in the place of one that an interrupted start left half written. */
async function makeKey(operator: OperatorClient, file: string): Promise<IntegrationKeyFile> {
  const { id: hospital } = await operator.registration();
  const key = await createIntegrationKey({ hospital, name: DEMO_MACHINE });
  await rm(file, { force: true });
  await writeKeyFile(file, key);
  return key;
}
