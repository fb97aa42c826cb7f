import { OPERATOR_PATHS, SESSION_COOKIE } from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND_SESSION_LIFETIME_MS } from "../staff/index.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { createConsoleWorld, type ConsoleWorld } from "../testing/console-world.ts";
import {
  createLogInWorld,
  PASSWORD,
  setUpPassword,
  type LogInWorld,
} from "../testing/log-in-world.ts";
import { addMachine, challengeOf, type TestMachine } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";

const CHALLENGE_MS = 5 * 60_000;

let world: ProtocolWorld;
let server: FastifyInstance;
let site: ConsoleWorld;
let machine: TestMachine;
let people: LogInWorld;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
  site = await createConsoleWorld(world);
  people = await createLogInWorld(world);
  machine = await addMachine(server, world.crypto, "Nightly import");
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const prove = (payload: object) =>
  server.inject({ method: "POST", url: OPERATOR_PATHS.logInKey, payload });
const ask = (token: string, url = `${OPERATOR_PATHS.patients}?mrn=NOBODY`) =>
  server.inject({ url, headers: { authorization: `Bearer ${token}` } });
const tokenOf = async (of = machine) => (await of.logIn()).json<{ token: string }>().token;

/** A token opens a session exactly where a patient who is not there is not found. */
const OPEN = 404;
const SHUT = 401;

describe("a machine", () => {
  it("logs in with its key, for a quarter of an hour, as the audit log says", async () => {
    const entries = await entriesOf(world, async () => {
      const opened = await machine.logIn();
      expect(opened.json()).toMatchObject({
        name: "Nightly import",
        role: "integration",
        expires: world.clock.now() + COMMAND_SESSION_LIFETIME_MS,
      });
    });
    expect(entries).toMatchObject([{ event: "staff.signed-in" }]);
    expect(entries[0]?.detail).toContain('"by": "key"');
  });

  it("is out after that quarter of an hour, whatever it did in it (SR-17) [HS-312a2iii]", async () => {
    const token = await tokenOf();
    await world.clock.advance(COMMAND_SESSION_LIFETIME_MS - 1);
    expect((await ask(token)).statusCode).toBe(OPEN);
    await world.clock.advance(1);
    expect((await ask(token)).statusCode).toBe(SHUT);
  });

  it.each<[string, (challenge: string) => Promise<object> | object]>([
    ["with no signature of its key", () => ({ signature: "A".repeat(86) })],
    [
      "with one that another machine made",
      async (challenge) => {
        const other = await addMachine(server, world.crypto);
        return { signature: await other.sign(challenge, { name: machine.name }) };
      },
    ],
    [
      "with one for another hospital",
      async (challenge) => ({ signature: await machine.sign(challenge, { hospital: "other" }) }),
    ],
    [
      "with one for another name",
      async (challenge) => ({ signature: await machine.sign(challenge, { name: "Dr. One" }) }),
    ],
    [
      "with a challenge that nobody made",
      async () => {
        const challenge = "A".repeat(75);
        return { challenge, signature: await machine.sign(challenge) };
      },
    ],
    [
      "with a challenge for passkeys",
      async () => {
        const { challenge } = site.desk.logIn.requestPasskey();
        return { challenge, signature: await machine.sign(challenge) };
      },
    ],
    ["under a name that nobody has", () => ({ name: "Nobody" })],
  ])("is refused %s, as everybody is (SR-02, SR-09) [HS-312d]", async (_what, wrong) => {
    const challenge = await challengeOf(server);
    const right = { name: machine.name, challenge, signature: await machine.sign(challenge) };
    const answer = await prove({ ...right, ...(await wrong(challenge)) });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:log-in-refused" });
    // Nothing of that has used up the challenge.
    expect((await prove(right)).statusCode).toBe(200);
  });

  it("answers a challenge once, and within five minutes (SR-03)", async () => {
    const challenge = await challengeOf(server);
    const proof = { name: machine.name, challenge, signature: await machine.sign(challenge) };
    const late = await challengeOf(server);
    expect((await prove(proof)).statusCode).toBe(200);
    expect((await prove(proof)).statusCode).toBe(401);
    await world.clock.advance(CHALLENGE_MS);
    const signature = await machine.sign(late);
    expect((await prove({ ...proof, challenge: late, signature })).statusCode).toBe(401);
  });

  it("is out at once when its account is disabled or has another key (SR-15, SR-18, SR-25) [HS-308a3C]", async () => {
    const leaving = await addMachine(server, world.crypto);
    const token = await tokenOf(leaving);
    expect((await ask(token)).statusCode).toBe(OPEN);
    const again = await addMachine(server, world.crypto, leaving.name);
    expect((await ask(token)).statusCode).toBe(SHUT);
    expect((await leaving.logIn()).statusCode).toBe(401);
    const second = await tokenOf(again);
    await server.inject({
      method: "POST",
      url: OPERATOR_PATHS.disableStaff,
      payload: { name: leaving.name },
    });
    expect((await ask(second)).statusCode).toBe(SHUT);
    expect((await again.logIn()).statusCode).toBe(401);
  });

  it("gets no account under a person's name, and none with a key that is no point of the curve [HS-312a2i]", async () => {
    await site.desk.add({ name: "Dr. Person", role: "doctor" });
    await expect(addMachine(server, world.crypto, "Dr. Person")).rejects.toThrow("conflict");
    const key = { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) };
    const added = await server.inject({
      method: "POST",
      url: OPERATOR_PATHS.integrations,
      payload: { name: "No point", key },
    });
    expect(added.statusCode).toBe(400);
  });

  it("has no way into a browser: neither its token as a cookie, nor a link, nor another role", async () => {
    const token = await tokenOf();
    const cookies = { [SESSION_COOKIE]: token };
    const { host } = new URL("http://localhost:8090");
    const answer = await site.server.inject({ url: "/api/session", headers: { host }, cookies });
    expect(answer.statusCode).toBe(401);
    const added = await site.desk.add({ name: machine.name, role: "doctor" });
    expect(added.kind).toBe("role-differs");
    const changed = await site.desk.changeRole({ name: machine.name, role: "doctor", actor: "t" });
    expect(changed.kind).toBe("staff-unknown");
  });
});

describe("a session of the command line", () => {
  it("ends with siphms logout", async () => {
    const token = await tokenOf();
    const headers = { authorization: `Bearer ${token}` };
    const out = await server.inject({ method: "DELETE", url: OPERATOR_PATHS.session, headers });
    expect(out.statusCode).toBe(204);
    expect((await ask(token)).statusCode).toBe(SHUT);
  });

  it("is none that a browser has opened", async () => {
    const person = await site.signIn("Dr. Browser", "doctor");
    expect((await ask(person.token)).statusCode).toBe(SHUT);
  });

  it.each([
    ["nothing", {}],
    ["a word that is no token", { authorization: "Bearer x" }],
    ["a token that nobody gave out", { authorization: `Bearer ${"A".repeat(43)}` }],
    ["another scheme", { authorization: `Basic ${"A".repeat(43)}` }],
  ])("is not there for a request with %s, which is told what to do", async (_what, headers) => {
    const answer = await server.inject({ url: OPERATOR_PATHS.patients, headers: { ...headers } });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain("siphms login");
  });
});

describe("a person on the command line", () => {
  const logIn = (payload: object) =>
    server.inject({ method: "POST", url: OPERATOR_PATHS.logInPassword, payload });

  it("has a session with password and code, and none with one of them alone (SR-01) [HS-312d]", async () => {
    const { name, code } = await setUpPassword(people, "Dr. Terminal");
    await world.clock.advance(30_000);
    const right = { name, password: PASSWORD, code: code(world.clock.now()) };
    for (const wrong of [
      { password: "some other words" },
      { code: "000000" },
      { name: "Nobody" },
    ]) {
      const answer = await logIn({ ...right, ...wrong });
      expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:log-in-refused" });
    }
    expect((await logIn({ name, password: PASSWORD })).statusCode).toBe(400);
    expect((await logIn({ name, code: right.code })).statusCode).toBe(400);
    const opened = await logIn(right);
    expect(opened.json()).toMatchObject({
      name,
      role: "doctor",
      expires: world.clock.now() + COMMAND_SESSION_LIFETIME_MS,
      idleEnds: world.clock.now() + COMMAND_SESSION_LIFETIME_MS,
    });
    expect((await ask(opened.json<{ token: string }>().token)).statusCode).toBe(OPEN);
    // The code was used by that (SR-03).
    expect((await logIn(right)).statusCode).toBe(401);
  });

  it("gets in with a recovery code once, and hears of it at the console", async () => {
    const { name, recoveryCodes, browser } = await setUpPassword(people, "Dr. Lost Phone");
    const typed = { name, password: PASSWORD, code: recoveryCodes[0] ?? "" };
    expect((await logIn(typed)).statusCode).toBe(200);
    expect((await logIn(typed)).statusCode).toBe(401);
    // Whoever has the phone may have the browser: it is out (SR-11).
    expect((await browser.send("GET", "/api/session")).statusCode).toBe(401);
  });

  it("waits after failed tries as in a browser (SR-08) [HS-308a5C]", async () => {
    const { name } = await setUpPassword(people, "Dr. Forgetful");
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const wrong = { name, password: "wrong words again", code: "000000" };
      statuses.push((await logIn(wrong)).statusCode);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it("has no session of the browser's, and the browser none of the terminal's", async () => {
    const { name, browser, code } = await setUpPassword(people, "Dr. Two Doors");
    expect((await ask(browser.cookie ?? "")).statusCode).toBe(SHUT);
    await world.clock.advance(30_000);
    const typed = { name, password: PASSWORD, code: code(world.clock.now()) };
    browser.cookie = (await logIn(typed)).json<{ token: string }>().token;
    expect((await browser.send("GET", "/api/session")).statusCode).toBe(401);
  });
});
