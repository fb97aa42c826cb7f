import { randomUUID } from "node:crypto";
import type { PersonRole } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RouteEntry, Rule } from "../http/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf, type TestEntry } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleRequest,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { createMatrixRequests, type MatrixRequests } from "../testing/matrix-requests.ts";
import { STEP_UP_LIMIT_MS } from "./index.ts";

const ROLES: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];
const RELATIONS = ["own", "other", "none"] as const;
type TestRelation = (typeof RELATIONS)[number];

/**
 * Who may call what, written down a second time: a rule that is loosened in the code alone fails here. Roles by their
 * first letter; `!` asks for a fresh proof; `all to a`: administrators need no relation.
 */
const RULES: Readonly<Record<string, string>> = {
  "GET /api/patients": "dn own-patients",
  "POST /api/patients": "dna named-patient",
  "GET /api/trends": "dn own-patients",
  "GET /api/patients/:patient": "dn patient",
  "GET /api/patients/:patient/readings": "dn patient",
  "GET /api/patients/:patient/quarantine": "dn patient",
  "GET /api/patients/:patient/summary": "dn patient",
  "GET /api/patients/:patient/quarantine/entries": "dn patient",
  "POST /api/patients/:patient/quarantine/decisions": "d! patient",
  "GET /api/patients/:patient/evidence/:messageId": "dn patient",
  "GET /api/patients/:patient/evidence/:messageId/file": "dn! patient",
  "GET /api/patients/:patient/devices": "dna patient, all to a",
  "POST /api/patients/:patient/devices/revoke": "dna! patient, all to a",
  "POST /api/patients/:patient/invitations": "dna! patient, all to a",
  "POST /api/patients/:patient/enrolments/confirm": "dna! patient, all to a",
  "POST /api/patients/:patient/identity-checks": "dna patient, all to a",
  "GET /api/patients/:patient/messages": "dn patient",
  "POST /api/patients/:patient/messages": "dn patient",
  "GET /api/alerts": "dn own-patients",
  "POST /api/alerts/seen": "dn own-patients",
  "GET /api/patients/:patient/alerts": "dn patient",
  "POST /api/patients/:patient/alerts/acknowledge": "dn patient",
  "POST /api/patients/:patient/alerts/resolve": "dn patient",
  "GET /api/patients/:patient/plan": "dn patient",
  "GET /api/patients/:patient/plan/history": "dn patient",
  "PUT /api/patients/:patient/plan": "d patient",
  "GET /api/plan-templates": "dn none",
  "GET /api/contact": "dn none",
  "PUT /api/contact": "dn! none",
  "GET /api/escalation": "a none",
  "PUT /api/escalation": "a! none",
  "GET /api/escalation/people": "a none",
  "GET /api/system/alerts": "a none",
  "POST /api/system/alerts/acknowledge": "a none",
  "GET /api/registry": "a named-patient",
  "GET /api/gateways": "a none",
  "GET /api/system": "a none",
  "POST /api/system/check": "a none",
  "GET /api/first-run": "a none",
  "GET /api/live": "dnp own-patients",
  "GET /api/care": "a named-patient",
  "POST /api/care": "a! named-patient",
  "POST /api/care/end": "a! named-patient",
  "POST /api/break-glass": "dn! named-patient",
  "GET /api/reviews": "p named-patient",
  "POST /api/reviews/close": "p! named-patient",
  "POST /api/access-log": "p named-patient",
  "GET /api/audit/choices": "p none",
  "POST /api/audit/search": "p named-patient",
  "GET /api/activity": "p none",
  "POST /api/activity/entries": "p named-patient",
  "POST /api/activity/reviews": "p! none",
  "GET /api/staff": "a none",
  "POST /api/staff": "a! none",
  "POST /api/staff/disable": "a! none",
  "POST /api/staff/role": "a! none",
  "POST /api/factors/passkeys/creation": "dnapi! none",
  "POST /api/factors/passkeys": "dnapi! none",
  "DELETE /api/factors/passkeys/:passkey": "dnapi! none",
  "POST /api/factors/totp": "dnapi! none",
  "POST /api/factors/password": "dnapi! none",
  "POST /api/factors/recovery-codes": "dnapi! none",
};

/** Routes without a rule of their own: whatever they show is about whoever asks, or about nobody. */
const OTHERS: Readonly<Record<string, string>> = {
  "POST /api/session": "public",
  "GET /api/session": "signed-in",
  "DELETE /api/session": "public",
  "DELETE /api/sessions": "signed-in",
  "POST /api/log-in/passkey/request": "public",
  "POST /api/log-in/passkey": "public",
  "POST /api/log-in/password": "public",
  "POST /api/session/step-up/passkey/request": "signed-in",
  "POST /api/session/step-up/passkey": "signed-in",
  "POST /api/session/step-up/password": "signed-in",
  "POST /api/set-up": "public",
  "POST /api/set-up/passkey/creation": "public",
  "POST /api/set-up/totp": "public",
  "POST /api/set-up/passkey": "public",
  "POST /api/set-up/password": "public",
  "GET /api/factors": "signed-in",
  "GET /api/staff-notices": "signed-in",
  "POST /api/staff-notices/seen": "signed-in",
};

let world: HospitalWorld;
let site: ConsoleWorld;
let examples: MatrixRequests;
const patients: Readonly<Record<TestRelation, string>> = {
  own: randomUUID(),
  other: randomUUID(),
  none: randomUUID(),
};
const people = new Map<PersonRole, TestPerson>();

const personOf = (role: PersonRole): TestPerson => {
  const person = people.get(role);
  if (person === undefined) throw new Error(`nobody is ${role}`);
  return person;
};

const signInAll = async () => {
  for (const role of ROLES) people.set(role, await site.signIn(`Somebody in role ${role}`, role));
};

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  examples = createMatrixRequests(world);
  await site.server.ready();
  await signInAll();
  for (const [mrn, id] of Object.entries(patients)) {
    // Nobody is registered under the third id.
    if (mrn !== "none") await addPatient(world, { id, mrn });
  }
  for (const role of ["doctor", "nurse"]) {
    await putInCare(world, `Somebody in role ${role}`, patients.own);
  }
  const colleague = await site.signIn("Dr. Colleague", "doctor");
  await putInCare(world, colleague.staff.name, patients.other);
});

afterAll(() => world.close());

const nameOf = ({ method, url }: RouteEntry): string => `${method} ${url}`;

/** Routes with a rule of their own that this test knows; other parts' routes must be among RULES too (see below). */
const ruled = (): readonly (RouteEntry & { readonly policy: Rule })[] =>
  site.server.routeTable.flatMap((route) =>
    typeof route.policy === "string" ? [] : [{ ...route, policy: route.policy }],
  );

const letters = (roles: Rule["roles"]): string => roles.map((role) => role.charAt(0)).join("");

const write = ({ roles, relation, stepUp, regardless }: Rule): string =>
  `${letters(roles)}${stepUp ? "!" : ""} ${relation}${
    regardless === undefined ? "" : `, all to ${letters(regardless)}`
  }`;

/** What a request of a route carries beside its path; `mrn` is the name of the relation in {@link patients}. */
const requestOf = async (route: RouteEntry, relation: TestRelation): Promise<ConsoleRequest> => {
  const mrn = relation === "none" ? "NOBODY" : relation;
  const url = route.url.replace(":patient", patients[relation]);
  // About somebody whom nobody has registered there is nothing to prepare: the guard answers before.
  const made =
    relation === "none" && url.includes(patients.none)
      ? undefined
      : await examples.make(nameOf(route), url, patients[relation]);
  if (made !== undefined) return made;
  switch (nameOf(route)) {
    case "GET /api/trends":
      return { url: `${url}?patient=${patients.own}&patient=${patients[relation]}` };
    case "GET /api/patients/:patient/readings":
      return { url: `${url}?from=0&to=1` };
    case "GET /api/patients/:patient/summary":
      return { url: `${url}?from=0&to=1&span=day` };
    case "POST /api/access-log":
      return { method: "POST", url, payload: { mrn } };
    case "POST /api/audit/search":
      return { method: "POST", url, payload: { mrn, from: 0, to: world.clock.now() } };
    case "POST /api/activity/entries": {
      const { week } = (
        await site.ask({ url: "/api/activity" }, personOf("privacy-officer"))
      ).json<{
        week: string;
      }>();
      return { method: "POST", url, payload: { week, actor: "operator", figure: "records" } };
    }
    case "POST /api/activity/reviews":
      return {
        ...{ method: "POST", url },
        payload: { week: "2026-01-05", note: "Looked through all of it" },
      };
    case "POST /api/care":
      return { method: "POST", url, payload: { staff: await newNurse(), mrn } };
    case "POST /api/care/end": {
      const staff = await newNurse();
      if (relation !== "none") await putInCare(world, staff, patients[relation]);
      return { method: "POST", url, payload: { staff, mrn } };
    }
    case "GET /api/reviews":
      await newReview("other");
      return { url };
    case "POST /api/break-glass":
      return { method: "POST", url, payload: { mrn, reason: "Somebody has to look at once" } };
    case "POST /api/reviews/close": {
      const id = relation === "none" ? "999999" : await newReview(relation);
      const note = "Looked into it with the ward";
      return { method: "POST", url, payload: { id, verdict: "justified", note } };
    }
    default:
      return {
        method: methodOf(route),
        url: url.replace(":passkey", "999999").replace(":messageId", "A".repeat(22)),
      };
  }
};

const METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"] as const;
const methodOf = (route: RouteEntry) => {
  const method = METHODS.find((one) => one === route.method);
  if (method === undefined) throw new Error(`${route.method} is no method of the console`);
  return method;
};

let names = 0;
const newNurse = async (): Promise<string> => {
  names += 1;
  const name = `Nurse Number ${String(names)}`;
  await site.desk.add({ name, role: "nurse" });
  return name;
};

const newReview = async (mrn: string): Promise<string> => {
  const { staff } = await site.signIn(await newNurse(), "nurse");
  const reason = "Somebody has to look at once";
  const outcome = await site.access.breakGlass({ mrn, reason }, staff, "test");
  if (outcome.kind !== "opened") throw new Error(outcome.kind);
  return String(outcome.access.id);
};

const NO_CONTENT: ReadonlySet<string> = new Set([
  "POST /api/alerts/seen",
  "POST /api/patients/:patient/alerts/acknowledge",
  "POST /api/patients/:patient/alerts/resolve",
  "POST /api/patients/:patient/quarantine/decisions",
  "POST /api/patients/:patient/identity-checks",
]);
/** They take several names, and leave out what is not the person's. */
const LEAVES_OUT: ReadonlySet<string> = new Set(["GET /api/trends", "POST /api/alerts/seen"]);
const LISTS: ReadonlySet<string> = new Set([
  "GET /api/reviews",
  "GET /api/care",
  "POST /api/activity/entries",
]);
/** They name no patient whom somebody could stand in a relation to. */
const REGISTERS: ReadonlySet<string> = new Set(["POST /api/patients", "GET /api/registry"]);

/** What a role gets from a route about a patient who stands to it so: straight from the rule. */
const expected = (
  route: RouteEntry & { readonly policy: Rule },
  who: PersonRole,
  to: TestRelation,
): number | "let through" => {
  const { roles, relation, regardless } = route.policy;
  if (!roles.includes(who)) return 403;
  // What these take and do is tried where they are made; here, that the guard lets the right people come to it.
  if (relation === "none") return "let through";
  if (relation === "patient") {
    const isOpen = regardless?.includes(who) === true ? to !== "none" : to === "own";
    return isOpen ? (NO_CONTENT.has(nameOf(route)) ? 204 : 200) : 404;
  }
  if (REGISTERS.has(nameOf(route))) return 200;
  if (relation === "own-patients") return NO_CONTENT.has(nameOf(route)) ? 204 : 200;
  if (nameOf(route) === "POST /api/break-glass") return { own: 409, other: 200, none: 404 }[to];
  if (nameOf(route) === "POST /api/reviews/close") return to === "none" ? 404 : 204;
  // These list whatever there is, and take no name of a patient: none stands in an address (SR-53).
  if (LISTS.has(nameOf(route))) return 200;
  return to === "none" ? 404 : 200;
};

/** The live stream never ends by itself: it is ended as soon as it is open. */
const ask = async (request: ConsoleRequest, person: TestPerson) => {
  const answer = site.ask(request, person);
  const state = { isOver: false };
  const over = () => {
    state.isOver = true;
  };
  answer.then(over, over);
  while (request.url === "/api/live" && !state.isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    if (site.hub.size > 0) site.hub.close();
  }
  return answer;
};

describe("the access matrix (SR-22, SR-23) [HS-312a1, HS-312b]", () => {
  it("has a rule for every route, and each is the one that was agreed", () => {
    const written = Object.fromEntries(
      ruled().map((route) => [nameOf(route), write(route.policy)]),
    );
    expect(written).toEqual(RULES);
  });

  it("knows who may call the others: anybody, or anybody who is signed in", () => {
    const others = site.server.routeTable.filter(
      ({ url, policy }) => typeof policy === "string" && url.startsWith("/api/"),
    );
    expect(Object.fromEntries(others.map((route) => [nameOf(route), route.policy]))).toEqual(
      OTHERS,
    );
  });

  it.each(Object.keys(RULES))("holds for nobody without a session: %s", async (name) => {
    const route = ruled().find((one) => nameOf(one) === name);
    if (route === undefined) throw new Error("no such route");
    for (const relation of RELATIONS) {
      const request = await requestOf(route, relation);
      expect((await site.ask(request)).status).toBe(401);
    }
  });

  const cells = Object.keys(RULES).flatMap((name) => ROLES.map((role) => [role, name] as const));
  it.each(cells)("holds for a %s: %s", async (role, name) => {
    const route = ruled().find((one) => nameOf(one) === name);
    if (route === undefined) throw new Error("no such route");
    // Proofs must be fresh here; that old ones are refused is tried below.
    await signInAll();
    for (const relation of RELATIONS) {
      const request = await requestOf(route, relation);
      const actor = `staff:${String(personOf(role).staff.id)}`;
      let status = 0;
      let body = "";
      const entries = await entriesOf(world, async () => {
        ({ status, body } = await ask(request, personOf(role)));
      });
      const wanted = expected(route, role, relation);
      if (wanted === "let through") {
        expect([401, 403]).not.toContain(status);
        continue;
      }
      expect([relation, status]).toEqual([relation, wanted]);
      if (status >= 400) expect(body).not.toContain("Ada Invented");
      const own = entries.filter((entry) => entry.actor === actor);
      // What a privacy officer hears of emergencies names nobody until the list is asked for.
      const isSilent = role === "privacy-officer" && name === "GET /api/live";
      // Whom these curves leave out was asked for all the same.
      const isLeftOut = status < 400 && LEAVES_OUT.has(name) && relation !== "own";
      if (isLeftOut) requireRefusal(own.splice(0, 1), name);
      // Of alerts that are not the person's nothing is left to be seen.
      const isEmpty = isLeftOut && name === "POST /api/alerts/seen";
      if (status < 400 && !isSilent && !isEmpty) requireSuccess(own, route, relation);
      const isRefused = status === 403 || (status === 404 && route.policy.relation === "patient");
      if (isRefused) requireRefusal(own, name);
    }
    await closeWhatWasOpened(role);
  });

  const stepUps = Object.entries(RULES).filter(([, rule]) => rule.includes("!"));
  it.each(stepUps)("asks for a fresh proof: %s (SR-20)", async (name, rule) => {
    const route = ruled().find((one) => nameOf(one) === name);
    if (route === undefined) throw new Error("no such route");
    for (const role of ROLES.filter((one) => rule.split("!")[0]?.includes(one.charAt(0)))) {
      await signInAll();
      const request = await requestOf(route, "other");
      world.clock.skewWall(STEP_UP_LIMIT_MS - 1);
      // An administrator's session ends with the proof's age, unless it is used meanwhile.
      await site.ask({ url: "/api/session" }, personOf(role));
      world.clock.skewWall(1);
      const entries = await entriesOf(world, async () => {
        const answer = await site.ask(request, personOf(role));
        expect(answer.status).toBe(403);
        expect(answer.body).toContain("step-up-required");
      });
      expect(entries).toMatchObject([{ event: "access.refused", detail: '{"why": "step-up"}' }]);
    }
  });
});

/** A success about patients is on record with the person, and where one patient is shown with that patient. */
const requireSuccess = (
  entries: readonly TestEntry[],
  { policy }: RouteEntry,
  to: TestRelation,
) => {
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) expect(entry.outcome).toBe("done");
  const isOfOne = typeof policy !== "string" && policy.relation === "patient";
  if (isOfOne) expect([...new Set(entries.map(({ subject }) => subject))]).toEqual([patients[to]]);
};

const requireRefusal = (entries: readonly TestEntry[], name: string) => {
  expect(entries).toMatchObject([{ event: "access.refused", object: name, outcome: "refused" }]);
};

/** An emergency of one cell must not be another cell's care. */
const closeWhatWasOpened = async (role: PersonRole) => {
  await world.tamper("DELETE FROM break_glass WHERE staff_id = $1", [personOf(role).staff.id]);
};
