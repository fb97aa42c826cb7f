import type { AddIntegration } from "@siphms/api";
import { equalBytes, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findKey, publicKeyOf, putKey } from "./key-rows.ts";
import { deleteAccessOf } from "./session-rows.ts";
import { findStaffByName, insertStaff, type Staff } from "./staff-rows.ts";

/** What adding an integration account came to; another key for one that is there is no error. */
export type AddIntegrationOutcome =
  | { readonly kind: "added"; readonly staff: Staff }
  | { readonly kind: "disabled" }
  | { readonly kind: "key-invalid" }
  | { readonly kind: "role-differs" };

interface IntegrationPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
}

/** Adds a machine's account with its key, or gives it another key: what the old one had opened ends at once (SR-18). */
export async function addIntegration(
  input: { readonly integration: AddIntegration; readonly actor: string },
  ports: IntegrationPorts,
): Promise<AddIntegrationOutcome> {
  const { name, key } = input.integration;
  const publicKey = await publicKeyOf(key, ports.crypto);
  if (publicKey === undefined) return { kind: "key-invalid" };
  return ports.database.withTransaction((tx) =>
    store(tx, { name, publicKey, actor: input.actor }, ports),
  );
}

async function store(
  tx: Transaction,
  wanted: { readonly name: string; readonly publicKey: Bytes; readonly actor: string },
  { keyring, clock }: IntegrationPorts,
): Promise<AddIntegrationOutcome> {
  const { name, publicKey, actor } = wanted;
  const now = clock.now();
  const known = await findStaffByName(tx, keyring, name);
  if (known !== undefined && known.role !== "integration") return { kind: "role-differs" };
  if (known?.state === "disabled") return { kind: "disabled" };
  const staff =
    known ?? (await insertStaff(tx, keyring, { name, role: "integration", createdAt: now }));
  const before = await findKey(tx, keyring, staff.id);
  if (before !== undefined && equalBytes(before.publicKey, publicKey)) {
    return { kind: "added", staff };
  }
  await putKey(tx, keyring, { staffId: staff.id, publicKey, createdAt: now });
  await deleteAccessOf(tx, staff.id);
  await appendAudit(tx, [
    {
      at: now,
      event: known === undefined ? "staff.added" : "staff.key-replaced",
      actor,
      object: auditNameOfStaff(staff.id),
      action: known === undefined ? "create" : "update",
      outcome: "done",
      detail: { role: staff.role },
    },
  ]);
  return { kind: "added", staff };
}
