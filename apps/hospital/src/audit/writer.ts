import type { NodeCrypto } from "@siphms/node-crypto";
import type { AuditSink } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { createEntryMaker } from "./entry-maker.ts";
import { insertEntries } from "./insert-entries.ts";

/**
 * Creates what writes the audit log of a running program: each entry in the transaction of its act, so that neither stands
 * without the other.
 */
export function createAuditWriter(ports: {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
}): AuditSink {
  const maker = createEntryMaker(ports);
  return {
    async append(tx, entries) {
      const made = maker.make(entries);
      tx.afterRollback(() => {
        maker.abandon(made);
      });
      await insertEntries(tx, ports.keyring, made);
    },
  };
}
