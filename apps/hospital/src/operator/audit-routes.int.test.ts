import {
  AUDIT_READING_HEADER,
  OPERATOR_PATHS,
  type AuditPart,
  type AuditReading,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSequencer } from "../audit/index.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { log } from "../testing/hospital-world.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

let world: ProtocolWorld;
let server: FastifyInstance;
let entries: string;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
  await newPatient(world);
  await createSequencer({ ...world, log }).run();
  const { rows } = await world.database.query("SELECT max(size) AS size FROM audit_checkpoints");
  entries = `tile/entries/000.p/${String(rows[0]?.number("size") ?? 0)}`;
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const read = async (path: string, reading?: string) => {
  const headers = reading === undefined ? {} : { [AUDIT_READING_HEADER]: reading };
  const url = `${OPERATOR_PATHS.auditLog}/${path}`;
  return (await server.inject({ method: "GET", url, headers })).statusCode;
};
const post = (url: string, payload: object) => server.inject({ method: "POST", url, payload });
const begin = async (why: AuditReading): Promise<string> =>
  (await post(OPERATOR_PATHS.auditReadings, { why })).json<{ reading: string }>().reading;

describe("the audit log at the private socket", () => {
  it.each([undefined, "", "guessed"])(
    "gives no entry to whoever has not said why: %s [HS-312b] (SR-60)",
    async (reading) => {
      expect(await read(entries, reading)).toBe(403);
    },
  );

  it.each(["checkpoint", "policy"])(
    "gives hashes and signatures to everybody there: %s",
    async (path) => {
      expect(await read(path)).toBe(200);
    },
  );

  it.each([
    ["export", "audit.exported"],
    ["proof", "audit.proved"],
    ["verification", "audit.verified"],
  ] as const)(
    "has an %s on record before its first entry is read, once [HS-312b] (SR-60)",
    async (why, event) => {
      let reading = "";
      const begun = await entriesOf(world, async () => {
        reading = await begin(why);
      });
      expect(begun).toMatchObject([{ event, actor: "operator", outcome: "done" }]);
      const more = await entriesOf(world, async () => {
        expect([await read(entries, reading), await read(entries, reading)]).toEqual([200, 200]);
      });
      expect(more).toEqual([]);
    },
  );

  it("refuses to begin a reading for no reason that it knows", async () => {
    for (const body of [{}, { why: "curiosity" }, { why: "export", more: 1 }]) {
      expect((await post(OPERATOR_PATHS.auditReadings, body)).statusCode).toBe(400);
    }
  });

  it("ends a reading in which nothing was read for an hour, and no other", async () => {
    const [left, used] = [await begin("export"), await begin("export")];
    await world.clock.advance(3_600_000);
    expect(await read(entries, used)).toBe(200);
    await world.clock.advance(1);
    expect([await read(entries, left), await read(entries, used)]).toEqual([403, 200]);
  });

  it("keeps account of so many readings; the oldest ends", async () => {
    const first = await begin("proof");
    for (let count = 0; count < 64; count++) await begin("proof");
    expect(await read(entries, first)).toBe(403);
  });

  it("compares a part of it, and says where the next begins", async () => {
    const ask = async (body: object) =>
      (await post(OPERATOR_PATHS.compareAudit, body)).json<AuditPart>();
    const first = await ask({});
    expect(first).toMatchObject({ findings: [], next: { part: "rows" } });
    expect(first.compared).toBeGreaterThan(0);
    const places = [first.next?.part];
    for (let { next } = first; next !== undefined;) {
      ({ next } = await ask({ place: next }));
      places.push(next?.part);
    }
    expect(places).toEqual(["rows", "details", "earlier", undefined]);
  });

  it.each([
    { part: "leaves", from: -1 },
    { part: "leaves", after: 0 },
    { part: "rows" },
    { part: "earlier", after: 0, count: 0, hash: "00" },
    { part: "all", from: 0 },
  ])("refuses a place that is none: %j", async (place) => {
    expect((await post(OPERATOR_PATHS.compareAudit, { place })).statusCode).toBe(400);
  });
});

describe("the operator's check", () => {
  const check = () => server.inject({ method: "GET", url: OPERATOR_PATHS.check });

  it("is on record with who ran it, and how much it found [HS-308a1D, HS-312b]", async () => {
    const noted = await entriesOf(world, async () => {
      expect((await check()).json()).toMatchObject({ ok: true });
    });
    expect(noted).toMatchObject([
      { event: "hospital.checked", actor: "operator", details: { findings: 0 } },
    ]);
  });

  it("that cannot be put on record says so, with all that it found", async () => {
    const lock = "BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse_entries()";
    await world.tamper(
      "CREATE FUNCTION refuse_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
    );
    await world.tamper(`CREATE TRIGGER refuse_entries ${lock}`);
    try {
      expect((await check()).json()).toMatchObject({
        ok: false,
        findings: [{ check: "audit-log", subject: "hospital.checked" }],
      });
    } finally {
      await world.tamper("DROP TRIGGER refuse_entries ON audit_events");
    }
  });
});
