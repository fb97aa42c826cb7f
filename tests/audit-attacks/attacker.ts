import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRecord, hashRecord, parseRecord, type AuditRecord } from "@siphms/audit";
import { asBytes, toHex, type Bytes } from "@siphms/cose";
import { DATABASE_NAME, SERVICE_ROLE } from "@siphms/local-postgres";
import { silentLogger } from "@siphms/server-kit";
import {
  appendLeaves,
  EMPTY_EDGE,
  encodeCheckpoint,
  encodeNote,
  hashLeaf,
  rootOfEdge,
  signNote,
  TILE_WIDTH,
  type NoteSigner,
} from "@siphms/tlog";
import { Client } from "pg";
import { openCurrentLogKey } from "../../apps/hospital/src/audit/log-keys.ts";
import { openFoundation } from "../../apps/hospital/src/foundation.ts";
import { loadHospitalSettings } from "../../apps/hospital/src/settings.ts";

/** The number under which programs agree who adds to the log: `apps/hospital/src/audit/log-lock.ts`. */
const SEQUENCER_LOCK = 7_354_002;

const TABLES = [
  "audit_events",
  "audit_details",
  "audit_leaves",
  "audit_tiles",
  "audit_checkpoints",
  "audit_cosignatures",
];

/** A logged entry, and the row that it stands in. */
export interface StoredLeaf {
  readonly eventId: string;
  readonly entry: Bytes;
}

/** A superuser of the hospital's database, who knows how the log is made. */
export class Attacker {
  readonly #client: Client;
  readonly #data: string;

  private constructor(client: Client, data: string) {
    this.#client = client;
    this.#data = data;
  }

  /** @param data - The data folder of a running installation. */
  static async connect(data: string): Promise<Attacker> {
    const client = new Client({
      host: join(data, "pg/socket"),
      user: "siphms_owner",
      password: passwordsOf(data).owner,
      database: DATABASE_NAME,
    });
    await client.connect();
    const { rows } = await client.query<{ rolsuper: boolean }>(
      "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
    );
    if (rows[0]?.rolsuper !== true) throw new Error("The attacker is a superuser.");
    return new Attacker(client, data);
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  /** Runs statements in one transaction. */
  async act(
    ...statements: readonly (readonly [text: string, values?: readonly unknown[]])[]
  ): Promise<void> {
    await this.#client.query("BEGIN");
    try {
      for (const [text, values = []] of statements) {
        const { rowCount } = await this.#client.query(text, [...values]);
        // An attack that does nothing would be found by nobody.
        if (rowCount === 0) throw new Error(`Nothing was touched by: ${text}`);
      }
      await this.#client.query("COMMIT");
    } catch (error) {
      await this.#client.query("ROLLBACK");
      throw error;
    }
  }

  /** Keeps the hospital from adding to its log, so that an attack and its undoing meet nothing that is under way. */
  async holdLog(): Promise<void> {
    await this.#client.query("SELECT pg_advisory_lock($1)", [SEQUENCER_LOCK]);
  }

  /** Lets it go on. */
  async letLogGo(): Promise<void> {
    await this.#client.query("SELECT pg_advisory_unlock($1)", [SEQUENCER_LOCK]);
  }

  /** Keeps the log as it is now, to undo attacks or to roll it back. */
  async keep(schema: string): Promise<void> {
    await this.#client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await this.#client.query(`CREATE SCHEMA ${schema}`);
    for (const table of TABLES) {
      await this.#client.query(`CREATE TABLE ${schema}.${table} AS SELECT * FROM public.${table}`);
    }
  }

  /** Puts the log back to what was kept, but for what looking at it has noted since: those are no attack, and a hole is. */
  async putBack(schema: string): Promise<void> {
    await this.#client.query("DROP TABLE IF EXISTS pg_temp.noted");
    await this.#client.query(
      `CREATE TEMP TABLE noted AS SELECT * FROM public.audit_events
       WHERE event IN ('audit.exported', 'audit.proved', 'audit.verified')
         AND id > (SELECT max(id) FROM ${schema}.audit_events)`,
    );
    await this.act(
      [`TRUNCATE ${TABLES.map((table) => `public.${table}`).join(", ")}`],
      ...TABLES.map(
        (table) =>
          [
            `INSERT INTO public.${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${schema}.${table}`,
          ] as const,
      ),
    );
    await this.#client.query(
      "INSERT INTO public.audit_events OVERRIDING SYSTEM VALUE SELECT * FROM pg_temp.noted",
    );
  }

  /** The log's entries in their order. */
  async leaves(): Promise<readonly StoredLeaf[]> {
    const { rows } = await this.#client.query<{ event_id: string; entry: Buffer }>(
      `SELECT l.event_id, e.entry FROM public.audit_leaves l JOIN public.audit_events e ON e.id = l.event_id ORDER BY l.idx`,
    );
    return rows.map(({ event_id, entry }) => ({
      eventId: event_id,
      entry: asBytes(new Uint8Array(entry)),
    }));
  }

  /** The newest checkpoint with its cosignatures. */
  async newestNote(): Promise<string> {
    const { rows } = await this.#client.query<{ note: string; lines: string | null }>(
      `SELECT c.note, (SELECT string_agg(line || E'\\n', '') FROM public.audit_cosignatures s WHERE s.checkpoint_id = c.id) AS lines
       FROM public.audit_checkpoints c ORDER BY c.id DESC LIMIT 1`,
    );
    return `${rows[0]?.note ?? ""}${rows[0]?.lines ?? ""}`;
  }

  /** Makes the tree anew over other entries: rows, tiles, and the newest checkpoint's root; its note where there is a key. */
  async rewrite(
    entries: readonly Bytes[],
    { signer, isCosigned }: { readonly signer?: NoteSigner; readonly isCosigned: boolean },
  ): Promise<void> {
    const stored = await this.leaves();
    const { edge, tiles } = appendLeaves(EMPTY_EDGE, entries.map(hashLeaf));
    const root = rootOfEdge(edge);
    const changed = stored.flatMap(({ eventId, entry }, at) => {
      const other = entries[at];
      return other === undefined || toHex(other) === toHex(entry) ? [] : [{ eventId, other }];
    });
    const note = signer === undefined ? undefined : await signedNote(signer, edge.size, root);
    await this.act(
      ...changed.map(
        ({ eventId, other }) =>
          [
            "UPDATE public.audit_events SET entry = $2 WHERE id = $1",
            [eventId, Buffer.from(other)],
          ] as const,
      ),
      ...tiles
        .filter(({ width }) => width === TILE_WIDTH)
        .map(
          ({ level, index, bytes }) =>
            [
              "UPDATE public.audit_tiles SET bytes = $3 WHERE level = $1 AND idx = $2",
              [level, index, Buffer.from(bytes)],
            ] as const,
        ),
      [
        `UPDATE public.audit_checkpoints SET root = $1, note = coalesce($2, note)
         WHERE id = (SELECT max(id) FROM public.audit_checkpoints)`,
        [Buffer.from(root), note],
      ],
    );
    if (isCosigned) return;
    // Of every checkpoint: an older one that is cosigned would tell of the true history.
    await this.act(
      ["DELETE FROM public.audit_cosignatures"],
      [
        "DELETE FROM public.audit_checkpoints WHERE id < (SELECT max(id) FROM public.audit_checkpoints)",
      ],
    );
  }

  /** Steals the key that signs the log, with everything that opens it. */
  async stealLogKey(): Promise<NoteSigner> {
    const host = encodeURIComponent(join(this.#data, "pg/socket"));
    const password = passwordsOf(this.#data).service;
    const settings = loadHospitalSettings({
      DATABASE_URL: `postgresql://${SERVICE_ROLE}:${password}@localhost/${DATABASE_NAME}?host=${host}`,
      SIPHMS_DATA: this.#data,
      SIPHMS_HOSPITAL_GATEWAYS: "http://127.0.0.1:1",
    });
    const { database, keyring } = await openFoundation(settings, silentLogger, { readOnly: true });
    try {
      const key = await openCurrentLogKey(database, keyring);
      if (key === undefined) throw new Error("A log has a key.");
      return key.signer;
    } finally {
      await database.close();
    }
  }
}

/**
 * The entries with one of them saying something else, and every later one of its program naming the hash of the one before
 * it anew: nothing in them contradicts another.
 */
export function forgeHistory(
  entries: readonly Bytes[],
  at: number,
  change: (record: AuditRecord) => AuditRecord,
): readonly Bytes[] {
  const forged = [...entries];
  const victim = parseRecord(entries[at] ?? new Uint8Array());
  let entry = encodeRecord(change(victim));
  forged[at] = entry;
  const later = entries
    .map((one, index) => ({ index, record: parseRecord(one) }))
    .filter(({ record }) => toHex(record.instance) === toHex(victim.instance))
    .filter(({ record }) => record.sequence > victim.sequence)
    .sort((a, b) => a.record.sequence - b.record.sequence);
  for (const { index, record } of later) {
    entry = encodeRecord({ ...record, before: hashRecord(entry) });
    forged[index] = entry;
  }
  return forged;
}

async function signedNote(signer: NoteSigner, size: number, root: Bytes): Promise<string> {
  const text = encodeCheckpoint({ origin: signer.key.name, size, root, extensions: [] });
  return new TextDecoder().decode(encodeNote(await signNote({ text, signatures: [] }, signer)));
}

function passwordsOf(data: string): { readonly owner: string; readonly service: string } {
  const file = join(data, "secrets/database-passwords.json");
  return JSON.parse(readFileSync(file, "utf8")) as { owner: string; service: string };
}
