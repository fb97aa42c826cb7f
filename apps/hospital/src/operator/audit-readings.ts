import { randomBytes } from "node:crypto";
import { AUDIT_READINGS, type AuditReading } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { appendAudit } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import { OPERATOR } from "./operator.ts";

/** What keeping account of who reads the log needs. */
export interface AuditReadingPorts {
  readonly database: Database;
  readonly clock: Clock;
}

/** A reading during which nothing is asked for so long has ended. */
const IDLE_MS = 3_600_000;
/** More are not under way; the one that was used longest ago ends. */
const MAX_READINGS = 64;
const NAME_BYTES = 16;

/** Lets entries of the audit log be read only by whoever has said why, which is an entry itself. */
export class AuditReadings {
  readonly #ports: AuditReadingPorts;
  /** By name: when each was used last, ms, in that order. */
  readonly #used = new Map<string, number>();

  constructor(ports: AuditReadingPorts) {
    this.#ports = ports;
  }

  /** Puts a reading on record. @returns Its name, which is good until nothing is read for an hour. */
  async begin(why: AuditReading): Promise<string> {
    const { database, clock } = this.#ports;
    const act = { event: AUDIT_READINGS[why], actor: OPERATOR, object: "audit-log" } as const;
    await database.withTransaction((tx) =>
      appendAudit(tx, [{ ...act, at: clock.now(), action: "read", outcome: "done" }]),
    );
    const name = randomBytes(NAME_BYTES).toString("base64url");
    this.#used.set(name, clock.now());
    for (const oldest of this.#used.keys()) {
      if (this.#used.size <= MAX_READINGS) break;
      this.#used.delete(oldest);
    }
    return name;
  }

  /** Whether a reading of this name is under way; it goes on from now. */
  goesOn(name: string): boolean {
    const now = this.#ports.clock.now();
    const used = this.#used.get(name);
    this.#used.delete(name);
    if (used === undefined || now - used > IDLE_MS) return false;
    this.#used.set(name, now);
    return true;
  }
}
