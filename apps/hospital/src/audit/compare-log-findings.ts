import { MAX_AUDIT_FINDINGS, type AuditDifference, type AuditPart } from "@siphms/api";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** What comparing rows with leaves needs. */
export interface ComparePorts {
  readonly database: Database;
  readonly keyring: Keyring;
}

/** The same, and where it puts what it finds. */
export interface CompareContext extends ComparePorts {
  readonly pseudonyms: Pseudonyms;
  readonly found: Findings;
}

/** What was found so far; more than anybody reads is counted out. */
export class Findings {
  compared = 0;
  waiting = 0;
  erased = 0;
  earlier = 0;
  #hasMore = false;
  readonly #list: AuditPart["findings"] = [];

  add(what: AuditDifference, index: number | null, event: number | null): void {
    if (this.#list.length < MAX_AUDIT_FINDINGS) this.#list.push({ what, index, event });
    else this.#hasMore = true;
  }

  report(): AuditPart {
    const { compared, waiting, erased, earlier } = this;
    const counts = { compared, waiting, erased, earlier };
    return { ...counts, findings: this.#list, hasMore: this.#hasMore };
  }
}
