import { createTestDatabase } from "@siphms/testkit";
import type { TestDatabase } from "@siphms/testkit";
import type { FastifyInstance } from "fastify";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createPlainServer } from "./plain-server.ts";
import { PLAIN_PATHS } from "./plain-tables.ts";

let test: TestDatabase;
let server: FastifyInstance;
let database: pg.Client;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await createPlainServer({ databaseUrl: test.adminUrl, poolSize: 2 });
  database = new pg.Client({ connectionString: test.adminUrl });
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await server.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query("TRUNCATE readings, batches");
});

const message = {
  patient: 7,
  kind: "heart-rate",
  samples: [
    { at: "2026-03-01T12:00:00.000Z", value: 71 },
    { at: "2026-03-01T12:00:01.000Z", value: 72 },
    { at: "2026-03-01T12:00:02.000Z", value: 72.5 },
  ],
};

const post = (url: string, payload: object) => server.inject({ method: "POST", url, payload });
const count = async (table: string): Promise<number> =>
  Number((await database.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);

describe("the plain pipeline", () => {
  it("stores each sample as a row, and answers when they are committed", async () => {
    const answer = await post(PLAIN_PATHS.rows, message);
    expect([answer.statusCode, answer.json()]).toEqual([201, { stored: 3 }]);
    const { rows } = await database.query(
      "SELECT patient, kind, at, value FROM readings ORDER BY at",
    );
    expect(rows).toEqual(
      message.samples.map(({ at, value }) => ({
        ...{ patient: 7, kind: "heart-rate" },
        ...{ at: new Date(at), value },
      })),
    );
    expect(await count("batches")).toBe(0);
  });

  it("stores a message as one row of JSON, and answers when it is committed", async () => {
    const answer = await post(PLAIN_PATHS.jsonb, message);
    expect([answer.statusCode, answer.json()]).toEqual([201, { stored: 3 }]);
    const { rows } = await database.query("SELECT patient, kind, start_at, samples FROM batches");
    expect(rows).toEqual([
      {
        ...{ patient: 7, kind: "heart-rate", start_at: new Date("2026-03-01T12:00:00.000Z") },
        samples: message.samples,
      },
    ]);
    expect(await count("readings")).toBe(0);
  });

  it.each(Object.values(PLAIN_PATHS))("stores what comes twice once: %s", async (path) => {
    const answers = [await post(path, message), await post(path, message)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    expect([await count("readings"), await count("batches")].sort()).toEqual(
      path === PLAIN_PATHS.rows ? [0, 3] : [0, 1],
    );
  });

  const samples = (changes: object) => ({ samples: [{ ...message.samples[0], ...changes }] });
  describe.each(Object.values(PLAIN_PATHS))("refuses at %s", (path) => {
    it.each<[string, object]>([
      ["no patient", { patient: undefined }],
      ["a patient that is no number", { patient: "seven" }],
      ["a kind that is empty", { kind: "" }],
      ["no samples", { samples: [] }],
      ["a sample without a time", samples({ at: undefined })],
      ["a time that is none", samples({ at: "noon" })],
      ["a value that is no number", samples({ value: "high" })],
      ["more samples than a message may hold", { samples: Array(2001).fill(message.samples[0]) }],
    ])("%s", async (_what, changes) => {
      expect((await post(path, { ...message, ...changes })).statusCode).toBe(400);
      expect([await count("readings"), await count("batches")]).toEqual([0, 0]);
    });

    it("what is no JSON", async () => {
      const headers = { "content-type": "application/json" };
      const answer = await server.inject({ method: "POST", url: path, headers, payload: "{" });
      expect(answer.statusCode).toBe(400);
    });
  });

  it("does not say that it has stored what the database refuses", async () => {
    await database.query("ALTER TABLE batches RENAME TO other");
    try {
      expect((await post(PLAIN_PATHS.jsonb, message)).statusCode).toBe(500);
    } finally {
      await database.query("ALTER TABLE other RENAME TO batches");
    }
  });
});
