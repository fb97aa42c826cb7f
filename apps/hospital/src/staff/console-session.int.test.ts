import { SESSION_COOKIE } from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createConsoleServer } from "../app.ts";
import { createLiveHub } from "../live/index.ts";
import { createRecords } from "../records/index.ts";
import { createTestAccess } from "../testing/access-world.ts";
import { createTestDesks } from "../testing/console-desks.ts";
import {
  CONSOLE_ORIGIN,
  createHospitalWorld,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import {
  ADMINISTRATOR_IDLE_LIMIT_MS,
  createStaffDesk,
  IDLE_LIMIT_MS,
  LINK_LIFETIME_MS,
  SESSION_LIFETIME_MS,
  type StaffDesk,
} from "./index.ts";

let world: HospitalWorld;
let desk: StaffDesk;
let server: FastifyInstance;

const createServers = async (demo: boolean) => {
  const { database, keyring, crypto, clock } = world;
  const consoleOrigin = CONSOLE_ORIGIN;
  const made = createStaffDesk({
    endLostCare: createTestAccess(world).endLostCare,
    database,
    keyring,
    crypto,
    clock,
    demo,
    consoleOrigin,
  });
  const app = await createConsoleServer({
    ...createTestDesks(world),
    log,
    origin: CONSOLE_ORIGIN,
    database,
    keyring,
    clock,
    desk: made,
    access: createTestAccess(world),
    records: createRecords({ database, keyring }),
    hub: createLiveHub("test"),
    demo,
    files: new Map(),
  });
  return { desk: made, app };
};

beforeAll(async () => {
  world = await createHospitalWorld();
});

beforeEach(async () => {
  const made = await createServers(true);
  desk = made.desk;
  server = made.app;
});

afterAll(() => world.close());

const host = new URL(CONSOLE_ORIGIN).host;
const fromConsole = { host, origin: CONSOLE_ORIGIN, "sec-fetch-site": "same-origin" };

const makeLink = async (name = "Dr. Invented", role: "administrator" | "doctor" = "doctor") => {
  const outcome = await desk.add({ name, role });
  if (outcome.kind !== "added") throw new Error(outcome.kind);
  return { token: new URL(outcome.link).hash.slice(1), expires: outcome.expires };
};

const open = (token: string, headers: Record<string, string> = fromConsole) =>
  server.inject({ method: "POST", url: "/api/session", headers, payload: { token } });

const signIn = async (role: "administrator" | "doctor" = "doctor") => {
  const { token } = await makeLink(`Somebody in role ${role}`, role);
  const answer = await open(token);
  const [cookie] = answer.cookies;
  return { cookie: cookie?.value ?? "", answer };
};

const whoAmI = (cookie: string, headers: Record<string, string> = {}) =>
  server.inject({
    method: "GET",
    url: "/api/session",
    headers: { host, ...headers },
    cookies: { [SESSION_COOKIE]: cookie },
  });

const problem = (type: string) => expect.stringContaining(`urn:siphms:problem:${type}"`) as string;

describe("a one-use link for staff", () => {
  it("becomes a session with a cookie that only this origin gets (SR-19) [HS-312e1]", async () => {
    const { answer } = await signIn();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ staff: { role: "doctor" }, demo: true });
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-siphms=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it("works once", async () => {
    const { token } = await makeLink();
    await open(token);
    const second = await open(token);
    expect(second.statusCode).toBe(401);
    expect(second.body).toEqual(problem("link-invalid"));
    expect(second.headers["set-cookie"]).toBeUndefined();
  });

  it("gives one session to two browsers that use it at once", async () => {
    const { token } = await makeLink();
    const answers = await Promise.all([open(token), open(token)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401]);
  });

  it("is good to its last millisecond and no longer", async () => {
    const early = await makeLink("Dr. Early");
    const late = await makeLink("Dr. Late");
    world.clock.skewWall(LINK_LIFETIME_MS - 1);
    expect((await open(early.token)).statusCode).toBe(200);
    world.clock.skewWall(1);
    expect((await open(late.token)).statusCode).toBe(401);
  });

  it.each(["A".repeat(43), "-".repeat(43)])("that nobody made opens nothing", async (token) => {
    expect((await open(token)).body).toEqual(problem("link-invalid"));
  });

  it.each([{}, { token: "short" }, { token: 7 }, { token: "A".repeat(43), role: "doctor" }, []])(
    "in the form %j is refused",
    async (payload) => {
      const answer = await server.inject({
        method: "POST",
        url: "/api/session",
        headers: fromConsole,
        payload,
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toEqual(problem("malformed"));
    },
  );

  it("does not become a session outside a demonstration, and is not used up by trying", async () => {
    const { token } = await makeLink();
    const strict = await createServers(false);
    const answer = await strict.app.inject({
      method: "POST",
      url: "/api/session",
      headers: fromConsole,
      payload: { token },
    });
    expect(answer.body).toEqual(problem("demo-only"));
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await open(token)).statusCode).toBe(200);
  });

  it("stands nowhere in the database (SR-16)", async () => {
    const { token } = await makeLink();
    const { cookie } = await signIn();
    const { rows } = await world.database.query(
      `SELECT string_agg(l::text, '') || (SELECT string_agg(s::text, '') FROM staff_sessions s) AS all
       FROM staff_links l`,
    );
    const dump = rows[0]?.text("all") ?? "";
    for (const secret of [token, cookie]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret, "base64url").toString("hex"));
      expect(dump).not.toContain(Buffer.from(secret).toString("hex"));
    }
  });
});

describe("a session", () => {
  it("takes a new value at each sign-in and ends the browser's old one (SR-16)", async () => {
    const { cookie } = await signIn();
    const { token } = await makeLink();
    const again = await server.inject({
      method: "POST",
      url: "/api/session",
      headers: fromConsole,
      cookies: { [SESSION_COOKIE]: cookie },
      payload: { token },
    });
    expect(again.cookies[0]?.value).not.toBe(cookie);
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  it("is not opened by a value that somebody planted in the browser (SR-16)", async () => {
    const planted = "P".repeat(43);
    expect((await whoAmI(planted)).body).toEqual(problem("not-signed-in"));
  });

  it.each([
    ["doctor", IDLE_LIMIT_MS],
    ["administrator", ADMINISTRATOR_IDLE_LIMIT_MS],
  ] as const)(
    "of a %s ends after its idle limit and not before (SR-17) [HS-312a2iii]",
    async (role, limitMs) => {
      const { cookie } = await signIn(role);
      world.clock.skewWall(limitMs - 1);
      expect((await whoAmI(cookie)).statusCode).toBe(200);
      world.clock.skewWall(limitMs);
      expect((await whoAmI(cookie)).statusCode).toBe(401);
    },
  );

  it("is not kept alive by what the page does by itself (SR-17) [HS-312a2iii]", async () => {
    const { cookie } = await signIn();
    world.clock.skewWall(IDLE_LIMIT_MS - 1);
    expect((await whoAmI(cookie, { "siphms-background": "1" })).statusCode).toBe(200);
    world.clock.skewWall(1);
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  it("ends after twelve hours however busy it is (SR-17) [HS-312a2iii]", async () => {
    const { cookie } = await signIn();
    const stepMs = IDLE_LIMIT_MS - 1;
    for (let passed = stepMs; passed < SESSION_LIFETIME_MS; passed += stepMs) {
      world.clock.skewWall(stepMs);
      expect((await whoAmI(cookie)).statusCode).toBe(200);
    }
    world.clock.skewWall(SESSION_LIFETIME_MS % stepMs);
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  it("is over once it is signed out, and signing out twice is no fault", async () => {
    const { cookie } = await signIn();
    const signOut = () =>
      server.inject({
        method: "DELETE",
        url: "/api/session",
        headers: fromConsole,
        cookies: { [SESSION_COOKIE]: cookie },
      });
    expect((await signOut()).statusCode).toBe(204);
    expect((await whoAmI(cookie)).statusCode).toBe(401);
    expect((await signOut()).statusCode).toBe(204);
  });

  it("ends when its member of staff is disabled, and a forged re-enabling opens nothing", async () => {
    const { cookie } = await signIn();
    await world.tamper("UPDATE staff SET state = 'disabled'");
    expect((await whoAmI(cookie)).statusCode).toBe(500);
    await world.tamper("UPDATE staff SET state = 'active'");
    expect((await whoAmI(cookie)).statusCode).toBe(200);
  });

  it.each([
    "UPDATE staff_sessions SET expires_at = expires_at + 1000",
    "UPDATE staff_sessions SET last_active_at = last_active_at + 1",
    "UPDATE staff_sessions SET proved_at = proved_at + 1",
    "UPDATE staff_sessions SET method = 'passkey'",
    "UPDATE staff_sessions SET version = version + 1",
  ])("opens nothing after %s", async (sql) => {
    const { cookie } = await signIn();
    await world.tamper(sql);
    const answer = await whoAmI(cookie);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toEqual(problem("fault"));
    expect(answer.body).not.toMatch(/ROW_ALTERED|staff_sessions|select/i);
    await world.tamper("DELETE FROM staff_sessions");
  });

  it("of a doctor is not made an administrator's with SQL", async () => {
    const { cookie } = await signIn();
    await world.tamper("UPDATE staff SET role = 'administrator' WHERE role = 'doctor'");
    expect((await whoAmI(cookie)).statusCode).toBe(500);
    await world.tamper("UPDATE staff SET role = 'doctor' WHERE name LIKE '%doctor%'");
    await world.tamper("UPDATE staff SET role = 'doctor' WHERE name LIKE 'Dr.%'");
  });
});

describe("a request that did not come from the console (SR-21)", () => {
  it.each<[string, Record<string, string>]>([
    ["a foreign Origin", { ...fromConsole, origin: "http://localhost:8091" }],
    ["the Origin null", { ...fromConsole, origin: "null" }],
    ["no Origin", { host, "sec-fetch-site": "same-origin" }],
    ["Sec-Fetch-Site cross-site", { ...fromConsole, "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site same-site", { ...fromConsole, "sec-fetch-site": "same-site" }],
    ["Sec-Fetch-Site none", { ...fromConsole, "sec-fetch-site": "none" }],
  ])("changes nothing with %s", async (_what, headers) => {
    const { token } = await makeLink();
    const answer = await open(token, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toEqual(problem("origin-refused"));
    expect((await open(token)).statusCode).toBe(200);
  });

  it("reads nothing across sites", async () => {
    const { cookie } = await signIn();
    expect((await whoAmI(cookie, { "sec-fetch-site": "cross-site" })).statusCode).toBe(403);
    expect((await whoAmI(cookie, { origin: "https://evil.example" })).statusCode).toBe(403);
  });

  it("is refused as a plain text form", async () => {
    const { token } = await makeLink();
    const answer = await server.inject({
      method: "POST",
      url: "/api/session",
      headers: { ...fromConsole, "content-type": "text/plain" },
      payload: JSON.stringify({ token }),
    });
    expect(answer.statusCode).toBe(415);
  });

  it.each(["evil.example", "localhost", "localhost:8091", "127.0.0.1:8090"])(
    "is refused under the host name %s (DNS rebinding)",
    async (name) => {
      const answer = await server.inject({ url: "/api/session", headers: { host: name } });
      expect(answer.statusCode).toBe(421);
    },
  );
});
