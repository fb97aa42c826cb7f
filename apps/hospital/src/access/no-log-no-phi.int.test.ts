import { randomUUID } from "node:crypto";
import type { PersonRole } from "@siphms/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import {
  createConsoleWorld,
  type ConsoleRequest,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { createMatrixRequests, type MatrixRequests } from "../testing/matrix-requests.ts";

const PATIENT = randomUUID();
const OTHER = randomUUID();
const NAME = "Ada Invented";
const MRN = "CANARY-4711";

let world: HospitalWorld;
let site: ConsoleWorld;
let examples: MatrixRequests;
const people = new Map<PersonRole, TestPerson>();

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  examples = createMatrixRequests(world);
  await site.server.ready();
  await addPatient(world, { id: PATIENT, mrn: MRN, name: NAME });
  await addPatient(world, { id: OTHER, mrn: "CANARY-4712", name: NAME });
  for (const role of ["doctor", "nurse", "administrator", "privacy-officer"] as const) {
    people.set(role, await site.signIn(`Somebody in role ${role}`, role));
  }
  await putInCare(world, "Somebody in role doctor", PATIENT);
  await putInCare(world, "Somebody in role nurse", PATIENT);
});

afterAll(() => world.close());

const role = (): string => new URL(world.test.url).username;
const revoke = () => world.tamper(`REVOKE INSERT ON audit_events FROM ${role()}`);
/** As PostgreSQL says it where there is no room. */
const fill = () =>
  world.tamper(
    `CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
     CREATE TRIGGER no_room BEFORE INSERT ON audit_events EXECUTE FUNCTION no_room()`,
  );
const mend = () =>
  world.tamper(
    `DROP TRIGGER IF EXISTS no_room ON audit_events; GRANT INSERT ON audit_events TO ${role()}`,
  );

afterEach(mend);

/** What a request of a route about this patient carries, so that it succeeds when the log is written. */
const requestOf = async (method: string, route: string): Promise<ConsoleRequest> => {
  const name = `${method} ${route}`;
  const url = route.replace(":patient", PATIENT).replace(":messageId", "A".repeat(22));
  const day = "from=0&to=86400000";
  switch (name) {
    case "GET /api/trends":
      return { url: `${url}?patient=${PATIENT}` };
    case "GET /api/patients/:patient/readings":
      return { url: `${url}?${day}` };
    case "GET /api/patients/:patient/summary":
      return { url: `${url}?${day}&span=day` };
    case "POST /api/access-log":
      return { method: "POST", url, payload: { mrn: MRN } };
    case "POST /api/audit/search":
      return { method: "POST", url, payload: { mrn: MRN, from: 0, to: world.clock.now() } };
    case "POST /api/activity/entries": {
      const asked = await site.ask({ url: "/api/activity" }, people.get("privacy-officer"));
      const { week } = asked.json<{ week: string }>();
      return { method: "POST", url, payload: { week, actor: "operator", figure: "records" } };
    }
    case "POST /api/care": {
      const staff = `Nurse ${randomUUID()}`;
      await site.desk.add({ name: staff, role: "nurse" });
      return { method: "POST", url, payload: { staff, mrn: MRN } };
    }
    case "POST /api/care/end":
      return { method: "POST", url, payload: { staff: "Somebody in role nurse", mrn: MRN } };
    case "POST /api/break-glass":
      return {
        method: "POST",
        url,
        payload: { mrn: "CANARY-4712", reason: "Seen at the bedside" },
      };
    case "POST /api/reviews/close":
      return {
        ...{ method: "POST", url },
        payload: { id: await breakGlass(), verdict: "justified", note: "Asked the ward" },
      };
    case "GET /api/reviews":
      await breakGlass();
      return { url };
    default:
      return (await examples.make(name, url, PATIENT)) ?? { method: methodOf(method), url };
  }
};

const methodOf = (method: string) =>
  method === "POST" || method === "PUT" || method === "DELETE" ? method : "GET";

const breakGlass = async (): Promise<string> => {
  const { staff } = await site.signIn(`Nurse ${randomUUID()}`, "nurse");
  const reason = "Somebody has to look at once";
  const outcome = await site.access.breakGlass({ mrn: MRN, reason }, staff, "test");
  if (outcome.kind !== "opened") throw new Error(outcome.kind);
  return String(outcome.access.id);
};

/** Every route that shows or changes something about a patient, as whoever may call it. */
const routes = () =>
  site.server.routeTable.flatMap(({ method, url, policy }) => {
    if (typeof policy === "string" || policy.relation === "none") return [];
    const caller = policy.roles.map((one) => people.get(one as PersonRole)).find(Boolean);
    return caller === undefined ? [] : [{ method, url, caller }];
  });

const names = () => routes().map(({ method, url }) => `${method} ${url}`);

describe("a hospital whose log cannot be written (SR-61) [HS-312b]", () => {
  it("knows enough routes about patients that this shows something", () => {
    expect(names().length).toBeGreaterThan(30);
    expect(names()).toEqual(
      expect.arrayContaining(["GET /api/patients", "GET /api/patients/:patient/readings"]),
    );
  });

  it.each([
    ["may not be written to any more", revoke],
    ["has no room", fill],
  ])("that %s shows and changes nothing about any patient, on any route", async (_, breakLog) => {
    const others: string[] = [];
    for (const { method, url, caller } of routes()) {
      const request = await requestOf(method, url);
      await breakLog();
      const { status, body } = await site.ask(request, caller);
      if (status !== 500 || !body.includes("urn:siphms:problem:fault")) {
        others.push(`${method} ${url}: ${String(status)}`);
      }
      expect(body).not.toMatch(/Invented|CANARY/);
      await mend();
    }
    expect(others).toEqual([]);
  });

  it("changes nothing when it refuses: what was asked for is done once it can be noted, and not before", async () => {
    const doctor = people.get("doctor");
    const request = await requestOf("PUT", "/api/patients/:patient/plan");
    await revoke();
    expect((await site.ask(request, doctor)).status).toBe(500);
    await mend();
    // The same version still stands: else this would be refused as being behind.
    expect((await site.ask(request, doctor)).status).toBe(200);
  });

  it("tells nobody who is refused anything else, and lets nobody in", async () => {
    await revoke();
    const foreign = await site.ask({ url: `/api/patients/${OTHER}` }, people.get("doctor"));
    expect(foreign.status).toBe(500);
    expect(foreign.body).not.toMatch(/Invented|CANARY/);
    await expect(site.signIn("Dr. New", "doctor")).rejects.toThrow();
  });
});
