import { randomUUID } from "node:crypto";
import { CONSOLE_PATHS, SESSION_COOKIE, type PersonRole } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouteEntry } from "../http/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { createConsoleWorld, type ConsoleWorld } from "../testing/console-world.ts";
import {
  addDevice,
  addPatient,
  CONSOLE_ORIGIN,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

const { host } = new URL(CONSOLE_ORIGIN);
const OWN = { host, origin: CONSOLE_ORIGIN, "sec-fetch-site": "same-origin" };
const ROLES: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];

let world: HospitalWorld;
let site: ConsoleWorld;
let patient: string;
const tokens = new Map<PersonRole, string>();

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  await site.server.ready();
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: "OWN" });
  const phone = await addDevice(world, patient);
  const now = world.clock.now();
  const series = [{ kind: 1, start: now, step: 0, values: [70], origin: 0 }] as const;
  await storeBatch(world, phone, { receivedAt: now, series });
  for (const role of ROLES) {
    const name = `Somebody in role ${role}`;
    tokens.set(role, (await site.signIn(name, role)).token);
    if (role === "doctor" || role === "nurse") await putInCare(world, name, patient);
  }
});
afterAll(() => world.close());

const routes = (isChange: boolean): readonly RouteEntry[] =>
  site.server.routeTable.filter(
    ({ method, url }) =>
      url.startsWith("/api/") && url !== CONSOLE_PATHS.live && (method !== "GET") === isChange,
  );

const send = async (
  { method, url }: RouteEntry,
  role: PersonRole,
  headers: Readonly<Record<string, string>>,
) =>
  site.server.inject({
    method: method as "GET" | "POST",
    url: url.replace(":patient", patient).replace(/:\w+/, "999999"),
    headers,
    cookies: { [SESSION_COOKIE]: tokens.get(role) ?? "" },
    ...(method === "POST" ? { payload: "{}" } : {}),
  });

/** Everything but what says that somebody was here: the audit log, and when a session was last used. */
const imageOfDatabase = async (): Promise<string> => {
  const { rows: tables } = await world.database.query(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
       AND tablename NOT IN ('audit_events', 'audit_details', 'staff_sessions') ORDER BY 1`,
  );
  const images: string[] = [];
  for (const name of tables.map((row) => row.text("name"))) {
    const { rows } = await world.database
      .query(
        `SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') AS md5 FROM ${name} t`,
      )
      // What the service's role may not even read, none of its requests changes.
      .catch(() => ({ rows: [] }));
    images.push(`${name} ${rows[0]?.text("md5") ?? ""}`);
  }
  return images.join("\n");
};

describe("every route that changes something (SR-21)", () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["from another origin", { ...OWN, origin: "http://localhost:8091" }, "origin-refused"],
    ["from no origin", { host, "sec-fetch-site": "same-origin" }, "origin-refused"],
    ["across sites", { ...OWN, "sec-fetch-site": "cross-site" }, "origin-refused"],
    ["as a form's plain text", { ...OWN, "content-type": "text/plain" }, "media-type"],
  ])("is refused %s, whoever is signed in", async (what, headers, problem) => {
    const changing = routes(true).filter(
      ({ method }) => method === "POST" || !what.includes("form"),
    );
    expect(changing.length).toBeGreaterThan(20);
    const before = await imageOfDatabase();
    const form = { "content-type": "application/json", ...headers };
    for (const route of changing) {
      for (const role of ROLES) {
        const answer = await send(route, role, form);
        // For what a role may not do, the rule answers before the body is looked at.
        const expected =
          answer.statusCode === 403 && what.includes("form") ? "not-allowed" : problem;
        expect(answer.json(), `${route.method} ${route.url}`).toMatchObject({
          type: `urn:siphms:problem:${expected}`,
        });
      }
    }
    expect(await imageOfDatabase()).toBe(before);
  });
});

describe("every route that reads (SR-21)", () => {
  it("changes nothing, whoever asks", async () => {
    const before = await imageOfDatabase();
    let answered = 0;
    for (const route of routes(false)) {
      for (const role of ROLES) {
        const { statusCode } = await send(route, role, OWN);
        if (statusCode === 200) answered += 1;
      }
    }
    expect(answered).toBeGreaterThan(15);
    expect(await imageOfDatabase()).toBe(before);
  });
});
