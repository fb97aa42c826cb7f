import { OPERATOR_PATHS, PURPOSE_HEADER, type OperatorPatient, type PersonRole } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { STEP_UP_LIMIT_MS } from "../access/index.ts";
import { changeDevice } from "../enrolment/index.ts";
import { createTestAccess, putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { addDevice, bindDevice } from "../testing/hospital-world.ts";
import {
  createLogInWorld,
  PASSWORD,
  setUpPassword,
  type LogInWorld,
} from "../testing/log-in-world.ts";
import { logInMachine } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

type Caller = PersonRole | "integration";

/**
 * Who may call what, written down a second time. Roles by their first letter; `!` asks for a fresh proof. `all` routes are
 * also for patients in nobody's care where a machine or an administrator asks.
 */
const RULES: Readonly<Record<string, string>> = {
  "GET /operator/patients": "dnai",
  "POST /operator/patients": "dnai",
  "POST /operator/invitations": "dnai!",
  "GET /operator/enrolments": "dnai",
  "POST /operator/enrolments/confirm": "dnai!",
  "GET /operator/devices": "dnai",
  "POST /operator/devices/revoke": "dnai!",
  "GET /operator/notices": "dni",
  "POST /operator/notices": "dni",
  "GET /operator/care": "ai",
  "POST /operator/care": "ai!",
  "POST /operator/care/end": "ai!",
  "GET /operator/readings": "dni",
  "GET /operator/summary": "dni",
};
const ROUTES = Object.keys(RULES);
const PEOPLE: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];
const CALLERS: readonly Caller[] = [...PEOPLE, "integration"];
const CARERS: readonly Caller[] = ["doctor", "nurse"];
const NURSE_OF_TESTS = "Nurse In Care";

let world: ProtocolWorld;
let server: FastifyInstance;
let people: LogInWorld;
const tokens = new Map<Caller, string>();

const nameOf = (role: Caller) => `Somebody in role ${role}`;
const logIn = async (role: PersonRole, code: (now: number) => string): Promise<string> => {
  // A code of the app is good once, so each log-in waits for the next.
  await world.clock.advance(30_000);
  const payload = { name: nameOf(role), password: PASSWORD, code: code(world.clock.now()) };
  const url = OPERATOR_PATHS.logInPassword;
  const answer = await server.inject({ method: "POST", url, payload });
  return answer.json<{ token: string }>().token;
};

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
  people = await createLogInWorld(world);
  for (const role of PEOPLE) {
    const { code } = await setUpPassword(people, nameOf(role), { role });
    tokens.set(role, await logIn(role, code));
  }
  const { authorization } = await logInMachine(server, world);
  tokens.set("integration", authorization.slice("Bearer ".length));
  await people.desk.add({ name: NURSE_OF_TESTS, role: "nurse" });
});
afterAll(async () => {
  await server.close();
  await world.close();
});

interface Scene {
  readonly mrn: string;
  readonly kid: string;
}

/** A patient with a device that waits for its confirmation; `own`: in the care of doctor and nurse. */
const makeScene = async (own: boolean): Promise<Scene> => {
  const mrn = await newPatient(world);
  const { device } = await addDevice(world, mrn);
  await world.database.withTransaction((tx) =>
    changeDevice(tx, world.keyring, { device, change: { code: "012345" } }),
  );
  if (own) for (const role of CARERS) await putInCare(world, nameOf(role), mrn);
  return { mrn, kid: toBase64Url(device.kid) };
};

let registered = 0;
const requestOf = async (route: string, { mrn, kid }: Scene) => {
  const [method = "", url = ""] = route.split(" ");
  const payloads: Readonly<Record<string, object>> = {
    "/operator/patients": {
      ...{ mrn: `NEW-${String((registered += 1))}`, name: "Ada Invented" },
      birthDate: "1950-07-01",
    },
    "/operator/invitations": { mrn },
    "/operator/enrolments/confirm": { mrn, code: "012345" },
    "/operator/devices/revoke": { kid },
    "/operator/notices": { mrn, kind: "message", text: "please call us" },
    "/operator/care": { staff: NURSE_OF_TESTS, mrn },
    "/operator/care/end": { staff: NURSE_OF_TESTS, mrn },
  };
  if (url === OPERATOR_PATHS.endCare) await putInCare(world, NURSE_OF_TESTS, mrn);
  if (method === "POST") return { method, url, payload: payloads[url] ?? {} } as const;
  const span = url === OPERATOR_PATHS.summary ? "&from=0&to=1&span=day" : "";
  return { method: "GET", url: `${url}?mrn=${mrn}${span}` } as const;
};

const ask = async (route: string, caller: Caller, scene: Scene, more: object = {}) =>
  server.inject({
    ...(await requestOf(route, scene)),
    headers: { authorization: `Bearer ${tokens.get(caller) ?? ""}`, ...more },
  });

const may = (route: string, caller: Caller) => RULES[route]?.includes(caller.charAt(0)) === true;
const pairs = ROUTES.flatMap((route) => CALLERS.map((caller) => [route, caller] as const));
/** Routes that are about one patient or device by name; the others leave out who is not the caller's. */
const NAMING = ROUTES.filter(
  (route) => !["POST /operator/patients", "GET /operator/enrolments"].includes(route),
);
/** No device of these patients is active, so that a notice has nowhere to go. */
const letIn = (route: string) => (route === "POST /operator/notices" ? 409 : 200);

describe("the routes of the private socket [HS-312a1]", () => {
  it("that are about patients are these, with these rules, and no others go without a log-in (SR-22)", async () => {
    await server.ready();
    const known = server.routeTable.flatMap(({ method, url, policy }) =>
      typeof policy === "object"
        ? [
            [
              `${method} ${url}`,
              policy.roles.map((role) => role.charAt(0)).join("") + (policy.stepUp ? "!" : ""),
            ],
          ]
        : [],
    );
    expect(Object.fromEntries(known)).toEqual(RULES);
    const open = server.routeTable.filter(({ policy }) => policy === "operator");
    const names = open.map(({ method, url }) => `${method} ${url.slice("/operator/".length)}`);
    expect(names.sort()).toEqual(
      [
        ...["health", "metrics", "counters", "registration", "check"].map((url) => `GET ${url}`),
        ...["GET keys", "GET keys/kek", "GET keys/public", "POST keys/rotate", "DELETE session"],
        ...["kek/finish", "kek/rotate", "log", "recovery"].map((url) => `POST keys/${url}`),
        ...["GET staff", "POST staff", "POST staff/disable", "POST staff/integration"],
        ...["POST log-in/key", "POST log-in/key/request", "POST log-in/password"],
        ...["", ".witnessed", "/:size", ".last/:number"].map((url) => `GET audit/checkpoint${url}`),
        ...["policy", "tile/*"].map((url) => `GET audit/${url}`),
        ...["POST audit/compare", "POST audit/merge", "POST audit/readings"],
      ].sort(),
    );
  });

  it.each(pairs.filter(([route, caller]) => may(route, caller)))(
    "%s lets %s in, to a patient whom they reach",
    async (route, caller) => {
      const scene = await makeScene(CARERS.includes(caller));
      const answer = await ask(route, caller, scene);
      expect(answer.statusCode, answer.body).toBe(letIn(route));
    },
  );

  it.each(pairs.filter(([route, caller]) => !may(route, caller)))(
    "%s is shut to %s, and that is on record",
    async (route, caller) => {
      const scene = await makeScene(true);
      const request = await requestOf(route, scene);
      const headers = { authorization: `Bearer ${tokens.get(caller) ?? ""}` };
      const entries = await entriesOf(world, async () => {
        const answer = await server.inject({ ...request, headers });
        expect(answer.statusCode).toBe(403);
        expect(answer.body).not.toContain(scene.mrn);
      });
      expect(entries).toMatchObject([
        { event: "access.refused", object: route, outcome: "refused", detail: '{"why": "role"}' },
      ]);
    },
  );

  it.each(
    NAMING.flatMap((route) =>
      CARERS.filter((caller) => may(route, caller)).map((caller) => [route, caller] as const),
    ),
  )(
    "%s tells %s of somebody else's patient what it tells of none (SR-23)",
    async (route, caller) => {
      const foreign = await makeScene(false);
      const nobody = { mrn: "NOBODY", kid: "AAAAAAAAAAA" };
      const [theirs, none] = [await ask(route, caller, foreign), await ask(route, caller, nobody)];
      expect([theirs.statusCode, none.statusCode]).toEqual([404, 404]);
      expect(theirs.body).toBe(none.body);
      const entries = await entriesOf(world, () => ask(route, caller, foreign));
      expect(entries).toMatchObject([
        { event: "access.refused", subject: foreign.mrn, detail: '{"why": "relation"}' },
      ]);
    },
  );

  it.each(ROUTES)(
    "%s is shut without a log-in, and says what to do: the program itself reads for nobody (SR-26)",
    async (route) => {
      const answer = await server.inject(await requestOf(route, await makeScene(true)));
      expect(answer.statusCode).toBe(401);
      expect(answer.body).toContain("siphms login");
    },
  );

  it("list to a doctor and a nurse exactly their own patients and devices", async () => {
    const [own, foreign] = [await makeScene(true), await makeScene(false)];
    for (const caller of CARERS) {
      for (const url of [
        OPERATOR_PATHS.patients,
        OPERATOR_PATHS.devices,
        OPERATOR_PATHS.enrolments,
      ]) {
        const headers = { authorization: `Bearer ${tokens.get(caller) ?? ""}` };
        const { body } = await server.inject({ url, headers });
        expect(body).toContain(own.mrn);
        expect(body).not.toContain(foreign.mrn);
      }
    }
  });

  it("put who is registered by a nurse into that nurse's care", async () => {
    const scene = await makeScene(false);
    const payload = { mrn: "BY-NURSE", name: "Ada Invented", birthDate: "1950-07-01" };
    const headers = { authorization: `Bearer ${tokens.get("nurse") ?? ""}` };
    await server.inject({ method: "POST", url: OPERATOR_PATHS.patients, payload, headers });
    const seen = await ask("GET /operator/patients", "nurse", { ...scene, mrn: "BY-NURSE" });
    expect(seen.statusCode).toBe(200);
    const others = await ask("GET /operator/patients", "doctor", { ...scene, mrn: "BY-NURSE" });
    expect(others.statusCode).toBe(404);
  });

  it("show an administrator no problem and no visit of a patient (SR-24)", async () => {
    const payload = {
      ...{ mrn: "CLINICAL", name: "Ada Invented", birthDate: "1950-07-01" },
      ...{ problem: "Heart failure", lastVisit: "2026-01-02" },
    };
    const headers = { authorization: `Bearer ${tokens.get("integration") ?? ""}` };
    await server.inject({ method: "POST", url: OPERATOR_PATHS.patients, payload, headers });
    const look = async (caller: Caller) => {
      const answer = await ask("GET /operator/patients", caller, { mrn: "CLINICAL", kid: "" });
      return answer.json<{ patients: OperatorPatient[] }>().patients[0];
    };
    expect(await look("integration")).toMatchObject({ problem: "Heart failure" });
    const shown = await look("administrator");
    expect(shown).toMatchObject({ mrn: "CLINICAL", name: "Ada Invented" });
    expect(shown).not.toHaveProperty("problem");
    expect(shown).not.toHaveProperty("lastVisit");
  });
});

describe("a look on the private socket [HS-312b]", () => {
  const LOOKS = ROUTES.filter((route) => route.startsWith("GET"));

  it.each(LOOKS)("%s is on record with the person and the purpose (SR-58)", async (route) => {
    const scene = await makeScene(true);
    if (route === "GET /operator/care") await putInCare(world, NURSE_OF_TESTS, scene.mrn);
    const caller = may(route, "doctor") ? "doctor" : "administrator";
    const entries = await entriesOf(world, () => ask(route, caller, scene));
    const usual = caller === "doctor" ? "treatment" : "operations";
    const own = entries.filter(({ subject }) => subject === scene.mrn);
    expect(own).toMatchObject([{ event: "data.disclosed", purpose: usual }]);
    for (const { actor } of entries) expect(actor).toMatch(/^staff:\d+$/);
    const stated = await entriesOf(world, () =>
      ask(route, caller, scene, { [PURPOSE_HEADER]: "payment" }),
    );
    for (const { purpose } of stated) expect(purpose).toBe("payment");
  });

  it("for a purpose that is none is refused, and nothing is shown", async () => {
    const scene = await makeScene(true);
    const answer = await ask("GET /operator/patients", "doctor", scene, {
      [PURPOSE_HEADER]: "curiosity",
    });
    expect(answer.statusCode).toBe(400);
  });

  it("in an emergency stays one, whatever the person calls it", async () => {
    const scene = await makeScene(false);
    const [doctor] = (await people.desk.list()).filter(({ role }) => role === "doctor");
    if (doctor === undefined) throw new Error("nobody is there");
    const wanted = { mrn: scene.mrn, reason: "Found on the floor of the hall" };
    await createTestAccess(world).breakGlass(wanted, doctor, "test");
    const entries = await entriesOf(world, () =>
      ask("GET /operator/readings", "doctor", scene, { [PURPOSE_HEADER]: "payment" }),
    );
    expect(entries).toMatchObject([{ purpose: "break-glass" }]);
  });
});

describe("the private socket of a hospital whose log cannot be written [HS-312b]", () => {
  const role = (): string => new URL(world.test.url).username;
  afterEach(() => world.tamper(`GRANT INSERT ON audit_events TO ${role()}`));

  it.each(ROUTES)("%s shows and changes nothing (SR-61)", async (route) => {
    const scene = await makeScene(true);
    if (route === "GET /operator/care") await putInCare(world, NURSE_OF_TESTS, scene.mrn);
    // Else there is no device that a message could go to, and nothing to be noted.
    if (route === "POST /operator/notices") {
      await bindDevice(world, scene.mrn, { state: "active" });
    }
    const request = await requestOf(route, scene);
    await world.tamper(`REVOKE INSERT ON audit_events FROM ${role()}`);
    const caller = may(route, "doctor") ? "doctor" : "administrator";
    const headers = { authorization: `Bearer ${tokens.get(caller) ?? ""}` };
    const answer = await server.inject({ ...request, headers });
    expect(answer.statusCode, answer.body).toBe(500);
    expect(answer.body).not.toMatch(/Invented|"mrn"/);
    expect(answer.body).not.toContain(scene.mrn);
  });
});

describe("what takes something away", () => {
  it.each(ROUTES.filter((route) => RULES[route]?.endsWith("!")))(
    "%s asks for a proof of the last five minutes (SR-20)",
    async (route) => {
      const caller = "integration";
      await world.clock.advance(STEP_UP_LIMIT_MS);
      const answer = await ask(route, caller, await makeScene(true));
      expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:step-up-required" });
      const { authorization } = await logInMachine(server, world);
      tokens.set(caller, authorization.slice("Bearer ".length));
      expect((await ask(route, caller, await makeScene(true))).statusCode).toBe(200);
    },
  );
});
