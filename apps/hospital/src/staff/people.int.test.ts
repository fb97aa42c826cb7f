import { CONSOLE_PATHS } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLogInWorld,
  openBrowser,
  problemOf,
  setUpPasskey,
  type Browser,
  type LogInWorld,
} from "../testing/log-in-world.ts";

let world: LogInWorld;
let administrator: Browser;
let people = 0;

beforeAll(async () => {
  world = await createLogInWorld();
});

beforeEach(async () => {
  people += 1;
  ({ browser: administrator } = await setUpPasskey(world, `Admin ${people}`, {
    role: "administrator",
  }));
});

afterAll(() => world.close());

const add = (name: string, more: object = {}) =>
  administrator.send("POST", CONSOLE_PATHS.staff, { name, role: "nurse", ...more });
const changes = [CONSOLE_PATHS.staff, CONSOLE_PATHS.staffRole, CONSOLE_PATHS.disableStaff] as const;

describe("an administrator's work with other people's accounts", () => {
  it("makes an account and a link, and the audit log knows who did [HS-312a2i]", async () => {
    const answer = await add(`Nurse ${people}`);
    const { link } = answer.json<{ link: string }>();
    const token = new URL(link).hash.slice(1);
    const look = await openBrowser(world.server).send("POST", CONSOLE_PATHS.setUp, { token });
    expect(look.json()).toMatchObject({ name: `Nurse ${people}`, role: "nurse" });
    const { rows } = await world.database.query(
      "SELECT actor FROM audit_events WHERE event = 'staff.added' ORDER BY id DESC LIMIT 1",
    );
    const admin = (await world.desk.list()).find(({ name }) => name === `Admin ${people}`);
    expect(rows[0]?.text("actor")).toBe(`staff:${String(admin?.id)}`);
  });

  it("cannot choose a secret or make a machine's account (SR-11, SR-24)", async () => {
    for (const more of [
      { password: "otters sleep" },
      { code: "123456" },
      { role: "integration" },
    ]) {
      expect(problemOf(await add(`Nurse ${people}`, more))).toBe("malformed");
    }
  });

  it("wants a fresh step-up, and looking does not (SR-20)", async () => {
    world.clock.skewWall(4 * 60_000);
    await administrator.send("GET", CONSOLE_PATHS.staff);
    world.clock.skewWall(60_000);
    expect(problemOf(await administrator.send("GET", CONSOLE_PATHS.staff))).toBe("200");
    for (const path of changes) {
      const body = { name: `Nurse ${people}`, role: "nurse" };
      expect(problemOf(await administrator.send("POST", path, body))).toBe("step-up-required");
    }
  });

  it.each(["doctor", "nurse", "privacy-officer"] as const)("is not for a %s", async (role) => {
    const { browser } = await setUpPasskey(world, `Other ${people}`, { role });
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.staff))).toBe("not-allowed");
    for (const path of changes) {
      const body = { name: `Nurse ${people}`, role: "nurse" };
      expect(problemOf(await browser.send("POST", path, body))).toBe("not-allowed");
    }
  });

  it("is not for the own account, in whatever case it is typed", async () => {
    const name = `ADMIN ${people}`;
    const send = (path: string, body: object) => administrator.send("POST", path, body);
    expect(problemOf(await send(CONSOLE_PATHS.disableStaff, { name }))).toBe("conflict");
    expect(problemOf(await send(CONSOLE_PATHS.staffRole, { name, role: "doctor" }))).toBe(
      "conflict",
    );
    expect(problemOf(await send(CONSOLE_PATHS.staff, { name, role: "administrator" }))).toBe(
      "conflict",
    );
    expect(problemOf(await administrator.send("GET", CONSOLE_PATHS.session))).toBe("200");
  });

  it("is not for the own account, also in letters that JavaScript and the database fold apart (SR-11)", async () => {
    const own = await setUpPasskey(world, `Iris ${people}`, { role: "administrator" });
    const name = `İris ${people}`;
    const send = (path: string, body: object) => own.browser.send("POST", path, body);
    expect(problemOf(await send(CONSOLE_PATHS.staff, { name, role: "administrator" }))).toBe(
      "conflict",
    );
    expect(problemOf(await send(CONSOLE_PATHS.disableStaff, { name }))).toBe("conflict");
    expect(problemOf(await own.browser.send("GET", CONSOLE_PATHS.session))).toBe("200");
  });

  it("ends a person's sessions with the role and with the account (SR-18) [HS-308a3C]", async () => {
    const name = `Doctor ${people}`;
    const { browser, authenticator } = await setUpPasskey(world, name);
    const role = { name, role: "nurse" };
    expect((await administrator.send("POST", CONSOLE_PATHS.staffRole, role)).json()).toEqual({
      ...role,
      state: "active",
    });
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    const logIn = async () => {
      const asked = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
      return browser.send("POST", CONSOLE_PATHS.logInPasskey, authenticator.prove(asked.json()));
    };
    expect(problemOf(await logIn())).toBe("200");
    const gone = await administrator.send("POST", CONSOLE_PATHS.disableStaff, { name });
    expect(gone.json()).toEqual({ name, role: "nurse", state: "disabled" });
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    expect(problemOf(await logIn())).toBe("log-in-refused");
    expect(problemOf(await add(name))).toBe("conflict");
  });

  it("names nobody who is not there", async () => {
    const body = { name: `Nobody ${people}`, role: "nurse" };
    const { name } = body;
    expect(problemOf(await administrator.send("POST", CONSOLE_PATHS.staffRole, body))).toBe(
      "not-found",
    );
    expect(problemOf(await administrator.send("POST", CONSOLE_PATHS.disableStaff, { name }))).toBe(
      "not-found",
    );
  });
});
