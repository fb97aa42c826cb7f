import { CONSOLE_PATHS } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLogInWorld,
  makeToken,
  openBrowser,
  problemOf,
  setUpPasskey,
  type Browser,
  type LogInWorld,
} from "../testing/log-in-world.ts";

const STEP_UP_MS = 5 * 60_000;

let world: LogInWorld;
let people = 0;
let name: string;

beforeAll(async () => {
  world = await createLogInWorld();
});

beforeEach(() => {
  people += 1;
  name = `Dr. Number ${people}`;
});

afterAll(() => world.close());

describe("a new installation (SR-14)", () => {
  it("has nobody who could sign in, and nothing to sign in with", async () => {
    const fresh = await createLogInWorld();
    try {
      for (const table of ["staff", "staff_links", "staff_passwords", "staff_passkeys"]) {
        const { rows } = await fresh.database.query(`SELECT 1 AS one FROM ${table}`);
        expect(rows, table).toHaveLength(0);
      }
      const body = { name: "admin", password: "admin", code: "000000" };
      const browser = openBrowser(fresh.server);
      expect(problemOf(await browser.send("POST", CONSOLE_PATHS.logInPassword, body))).toBe(
        "log-in-refused",
      );
    } finally {
      await fresh.close();
    }
  });
});

describe("what ends sessions (SR-18) [HS-308a3C]", () => {
  const signInSixTimes = async () => {
    const { browser, authenticator } = await setUpPasskey(world, name);
    const browsers = [browser];
    for (let count = 0; count < 5; count += 1) {
      const other = openBrowser(world.server);
      const asked = await other.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
      await other.send("POST", CONSOLE_PATHS.logInPasskey, authenticator.prove(asked.json()));
      browsers.push(other);
    }
    return browsers;
  };
  const statesOf = async (browsers: readonly Browser[]) => {
    const answers = [];
    for (const browser of browsers) {
      answers.push(problemOf(await browser.send("GET", CONSOLE_PATHS.session)));
    }
    return new Set(answers);
  };

  it.each<[string, (browsers: readonly Browser[]) => Promise<unknown>]>([
    ["signing out everywhere", ([first]) => first!.send("DELETE", CONSOLE_PATHS.sessions)],
    ["disabling", () => world.desk.disable(name)],
    ["another role", () => world.desk.changeRole({ name, role: "nurse", actor: "operator" })],
  ])("%s ends all six at once", async (_what, end) => {
    const browsers = await signInSixTimes();
    expect(await statesOf(browsers)).toEqual(new Set(["200"]));
    await end(browsers);
    for (const browser of browsers) browser.cookie ??= "A".repeat(43);
    expect(await statesOf(browsers)).toEqual(new Set(["not-signed-in"]));
  });

  it("another role is the one that the next log-in has, and its owner is told", async () => {
    const { authenticator } = await setUpPasskey(world, name);
    expect(await world.desk.changeRole({ name, role: "nurse", actor: "operator" })).toMatchObject({
      kind: "changed",
      staff: { role: "nurse" },
    });
    const browser = openBrowser(world.server);
    const asked = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    const proof = authenticator.prove(asked.json());
    const answer = await browser.send("POST", CONSOLE_PATHS.logInPasskey, proof);
    expect(answer.json()).toMatchObject({ staff: { role: "nurse" } });
    const notices = await browser.send("GET", CONSOLE_PATHS.staffNotices);
    expect(notices.json()).toMatchObject({ notices: [{ kind: "role-changed" }] });
  });

  it("a link that was not used yet ends as well", async () => {
    const token = await makeToken(world.desk, name);
    await world.desk.changeRole({ name, role: "nurse", actor: "operator" });
    const browser = openBrowser(world.server);
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.setUp, { token }))).toBe(
      "link-invalid",
    );
  });

  it.each([
    ["nobody", { name: "Dr. Nobody", role: "nurse" }, "staff-unknown"],
    ["the same role again", { role: "doctor" }, "changed"],
  ] as const)("a change for %s changes nothing", async (_what, change, kind) => {
    const [first] = await signInSixTimes();
    const outcome = await world.desk.changeRole({ name, actor: "operator", ...change });
    expect(outcome.kind).toBe(kind);
    expect(await statesOf([first!])).toEqual(new Set(["200"]));
  });

  it("a live stream that comes back does not keep a session from its idle end (SR-17) [HS-312a2iii]", async () => {
    const { browser } = await setUpPasskey(world, name, { role: "administrator" });
    world.clock.skewWall(5 * 60_000 - 1);
    await browser.send("GET", CONSOLE_PATHS.live);
    world.clock.skewWall(1);
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
  });
});

describe("a demo's links (--demo)", () => {
  it("open a session by themselves there, and nowhere else (SR-14)", async () => {
    const demo = await world.restart({ demo: true });
    const token = await makeToken(world.desk, name);
    const real = openBrowser(world.server);
    expect(problemOf(await real.send("POST", CONSOLE_PATHS.session, { token }))).toBe("demo-only");
    const browser = openBrowser(demo.server);
    const answer = await browser.send("POST", CONSOLE_PATHS.session, { token });
    expect(answer.json()).toMatchObject({ method: "demo-link", demo: true });
    real.cookie = browser.cookie;
    expect(problemOf(await real.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
  });

  it("need no step-up there, since nobody has a factor", async () => {
    const demo = await world.restart({ demo: true });
    const token = await makeToken(demo.desk, name);
    const browser = openBrowser(demo.server);
    await browser.send("POST", CONSOLE_PATHS.session, { token });
    world.clock.skewWall(STEP_UP_MS + 60_000);
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.passkeyCreation))).toBe("200");
  });
});

describe("an account of a machine", () => {
  it("opens no session and no link, whatever its row was before", async () => {
    const { browser } = await setUpPasskey(world, name);
    const token = await makeToken(world.desk, name);
    const { rows } = await world.database.query("SELECT id, version FROM staff WHERE name = $1", [
      name,
    ]);
    const [row] = rows;
    const staff = await world.desk.list();
    const one = staff.find((each) => each.name === name);
    expect(row?.number("id")).toBe(one?.id);
    const mac = world.keyring.rowMac({
      ...{ table: "staff", id: String(one?.id), version: 2 },
      columns: { name, role: "integration", state: "active", created_at: one?.createdAt ?? 0 },
    });
    await world.tamper(
      "UPDATE staff SET role = 'integration', version = 2, mac = $2 WHERE name = $1",
      [name, mac],
    );
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.setUp, { token }))).toBe(
      "link-invalid",
    );
    expect((await world.desk.changeRole({ name, role: "nurse", actor: "operator" })).kind).toBe(
      "staff-unknown",
    );
  });
});
