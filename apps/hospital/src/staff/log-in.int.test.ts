import { CONSOLE_PATHS } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLogInWorld,
  openBrowser,
  PASSWORD,
  problemOf,
  refusalsOf,
  setUpPasskey,
  setUpPassword,
  UNSAFE_COST,
  type Browser,
  type LogInWorld,
  type WithPassword,
} from "../testing/log-in-world.ts";

const STEP_MS = 30_000;

let world: LogInWorld;
let doctor: WithPassword;
let people = 0;

beforeAll(async () => {
  world = await createLogInWorld();
});

beforeEach(async () => {
  people += 1;
  doctor = await setUpPassword(world, `Dr. Number ${people}`, { source: `198.51.100.${people}` });
  nextStep();
});

afterAll(() => world.close());

/** The code that proved the secret, or the last one used, is spent: the app shows the next one. */
const nextStep = () => {
  world.clock.skewWall(STEP_MS);
};
const now = () => world.clock.now();
const typed = (more: object = {}) => ({
  ...{ name: doctor.name, password: PASSWORD, code: doctor.code(now()) },
  ...more,
});
/** Each stranger comes from another address, so that only what is tested counts tries. */
let strangers = 0;
const stranger = () => openBrowser(world.server, `203.0.113.${(strangers += 1)}`);
const logIn = (body: object, browser: Browser = stranger()) =>
  browser.send("POST", CONSOLE_PATHS.logInPassword, body);
const whoAmI = (browser: Browser) => browser.send("GET", CONSOLE_PATHS.session);

describe("signing in with password and TOTP", () => {
  it("opens a session that says who, how and how long (SR-01)", async () => {
    const browser = stranger();
    const answer = await logIn(typed(), browser);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      staff: { name: doctor.name, role: "doctor" },
      demo: false,
      method: "password",
      proved: now(),
      idleEnds: now() + 15 * 60_000,
      expires: now() + 12 * 3_600_000,
    });
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-siphms=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await whoAmI(browser)).statusCode).toBe(200);
  });

  it("takes the name in any case, and the password in every form of its text", async () => {
    expect(problemOf(await logIn(typed({ name: doctor.name.toUpperCase() })))).toBe("200");
  });

  it.each<[string, object]>([
    ["no code", { code: undefined }],
    ["an empty code", { code: "" }],
    ["a code of five digits", { code: "12345" }],
    ["no password", { password: undefined }],
    ["an empty password", { password: "" }],
    ["a member that nobody asked for", { role: "administrator" }],
    ["a number for a code", { code: 123_456 }],
  ])(
    "is not even looked at with %s: one factor alone opens nothing (SR-01) [HS-312d]",
    async (_what, more) => {
      expect(problemOf(await logIn(typed(more)))).toBe("malformed");
    },
  );

  it.each<[string, (of: WithPassword) => object, string]>([
    ["a wrong password", () => ({ password: `${PASSWORD}.` }), "password"],
    ["a wrong code", ({ code }) => ({ code: code(now() + 600_000) }), "code"],
    ["an old code", ({ code }) => ({ code: code(now() - 120_000) }), "code"],
    ["both wrong", () => ({ password: "nothing like it", code: "000000" }), "password"],
    ["an unknown name", () => ({ name: "Dr. Nobody" }), "unknown"],
    ["a recovery code that is none", () => ({ code: "aaaa-bbbb-cccc-dddd" }), "code"],
  ])(
    "is refused with %s, in the same words as any other (SR-09) [HS-312d, HS-308a5C]",
    async (_what, more, reason) => {
      const browser = stranger();
      const answer = await logIn(typed(more(doctor)), browser);
      const unknown = await logIn({ name: "Dr. Other", password: "of nobody", code: "123456" });
      expect([problemOf(answer), browser.cookie]).toEqual(["log-in-refused", undefined]);
      expect(answer.body).toBe(unknown.body);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expect((await refusalsOf(world)).at(-2)).toBe(reason);
    },
  );

  it("is refused to who is disabled, in the same words (SR-09) [HS-308a3C]", async () => {
    await world.desk.disable(doctor.name);
    const answer = await logIn(typed());
    const unknown = await logIn({ name: "Dr. Other", password: "of nobody", code: "123456" });
    expect(answer.body).toBe(unknown.body);
    expect((await refusalsOf(world)).at(-2)).toBe("disabled");
  });

  it("is refused to who has a passkey and no password", async () => {
    const name = `Dr. Passkey ${people}`;
    await setUpPasskey(world, name);
    expect(problemOf(await logIn(typed({ name })))).toBe("log-in-refused");
  });

  it("takes each TOTP code once, and none before it after it (RFC 6238 §5.2)", async () => {
    const early = doctor.code(now() - STEP_MS);
    const body = typed();
    expect(problemOf(await logIn(body))).toBe("200");
    expect(problemOf(await logIn(body))).toBe("log-in-refused");
    expect(problemOf(await logIn(typed({ code: early })))).toBe("log-in-refused");
    expect((await refusalsOf(world)).slice(-2)).toEqual(["code-used", "code-used"]);
    nextStep();
    expect(problemOf(await logIn(typed()))).toBe("200");
  });

  it("takes one code for one of two browsers that use it at once", async () => {
    const body = typed();
    const answers = await Promise.all([logIn(body), logIn(body), logIn(body)]);
    expect(answers.map(problemOf).sort()).toEqual(["200", "log-in-refused", "log-in-refused"]);
  });

  it("does not use a code up that came with a wrong password", async () => {
    const body = typed();
    await logIn({ ...body, password: "nothing like it" });
    expect(problemOf(await logIn(body))).toBe("200");
  });

  it("takes no code of the time when the secret was set up", async () => {
    const code = doctor.code(now() - STEP_MS);
    expect(problemOf(await logIn(typed({ code })))).toBe("log-in-refused");
  });

  it("gives another token each time and ends the browser's old session (SR-16)", async () => {
    const browser = stranger();
    await logIn(typed(), browser);
    const old = browser.cookie;
    nextStep();
    await logIn(typed(), browser);
    expect(browser.cookie).not.toBe(old);
    const thief = stranger();
    thief.cookie = old;
    expect(problemOf(await whoAmI(thief))).toBe("not-signed-in");
  });

  it("makes a hash anew that cost less than hashes do now, and only then (SR-07)", async () => {
    const hashes = async () => {
      const { rows } = await world.database.query(
        `SELECT hash FROM staff_passwords JOIN staff ON staff_id = id WHERE name = $1`,
        [doctor.name],
      );
      return rows[0]?.text("hash") ?? "";
    };
    const before = await hashes();
    await logIn(typed());
    expect(await hashes()).toBe(before);
    nextStep();
    const dearer = { ...UNSAFE_COST, passes: UNSAFE_COST.passes + 1 };
    const { server } = await world.restart({ cost: dearer });
    expect(
      problemOf(
        await logIn(typed({ password: "wrong one" }), openBrowser(server, "203.0.113.250")),
      ),
    ).toBe("log-in-refused");
    expect(await hashes()).toBe(before);
    expect(problemOf(await logIn(typed(), openBrowser(server, "203.0.113.251")))).toBe("200");
    expect(await hashes()).toContain(`t=${dearer.passes},`);
    nextStep();
    expect(problemOf(await logIn(typed()))).toBe("200");
  });

  it("takes as long for nobody, and for who is disabled, as for a wrong password (SR-09)", async () => {
    const dear = { ...world, ...(await world.restart({ cost: { memoryKib: 8192, passes: 2 } })) };
    const { name } = await setUpPassword(dear, `Dr. Dear ${people}`);
    const gone = await setUpPassword(dear, `Dr. Gone ${people}`);
    await dear.desk.disable(gone.name);
    const names = { known: name, disabled: gone.name, unknown: `Dr. Nobody ${people}` };
    const times = { known: [] as number[], disabled: [] as number[], unknown: [] as number[] };
    const timed = async (of: string) => {
      const begin = performance.now();
      const body = { name: of, password: "nothing like it", code: "123456" };
      await logIn(body, openBrowser(dear.server, `10.0.0.${(strangers += 1)}`));
      return performance.now() - begin;
    };
    await timed("Dr. Warm");
    for (let round = 0; round < 45; round += 1) {
      // Else all of them would wait, and nothing be compared.
      await world.tamper("DELETE FROM staff_tries");
      for (const who of ["known", "disabled", "unknown"] as const) {
        times[who].push(await timed(names[who]));
      }
    }
    const median = (all: number[]) => all.toSorted((one, two) => one - two)[22] ?? 0;
    const medians = Object.values(times).map(median);
    // Without the pretended comparison, nobody would be told in a tenth of the time.
    expect(Math.min(...medians)).toBeGreaterThan(0.6 * Math.max(...medians));
  });
});

describe("a recovery code (SR-11)", () => {
  it("stands in for a TOTP code once, tells its owner, and ends every other session", async () => {
    const [code] = doctor.recoveryCodes;
    expect(problemOf(await whoAmI(doctor.browser))).toBe("200");
    const browser = stranger();
    expect(problemOf(await logIn(typed({ code }), browser))).toBe("200");
    expect(problemOf(await whoAmI(doctor.browser))).toBe("not-signed-in");
    expect(problemOf(await whoAmI(browser))).toBe("200");
    const notices = await browser.send("GET", CONSOLE_PATHS.staffNotices);
    expect(notices.json()).toMatchObject({
      notices: [{ kind: "recovery-code-used", seen: false }],
    });
    expect(problemOf(await logIn(typed({ code })))).toBe("log-in-refused");
  });

  it("is one of ten, all different, and stands nowhere in the database", async () => {
    expect(new Set(doctor.recoveryCodes).size).toBe(10);
    const { rows } = await world.database.query(
      "SELECT string_agg(c::text, '') AS all FROM staff_recovery_codes c",
    );
    const dump = rows[0]?.text("all") ?? "";
    for (const code of doctor.recoveryCodes) {
      expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
      expect(dump).not.toContain(Buffer.from(code).toString("hex"));
    }
  });

  it("does not stand in for the password", async () => {
    const [code] = doctor.recoveryCodes;
    expect(problemOf(await logIn(typed({ code, password: "nothing like it" })))).toBe(
      "log-in-refused",
    );
    expect(problemOf(await logIn(typed({ code })))).toBe("200");
  });

  it("of somebody else is none", async () => {
    const [code] = (await setUpPassword(world, `Dr. Else ${people}`)).recoveryCodes;
    expect(problemOf(await logIn(typed({ code })))).toBe("log-in-refused");
  });
});

describe("wrong tries (SR-08) [HS-308a5C]", () => {
  const wrong = (browser: Browser) => logIn(typed({ password: "nothing like it" }), browser);

  it("wait longer and longer, also after a restart, and say how long", async () => {
    const browser = stranger();
    for (let count = 0; count < 5; count += 1) {
      expect(problemOf(await wrong(browser))).toBe("log-in-refused");
    }
    const waits: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { server } = await world.restart();
      const answer = await wrong(openBrowser(server, browser.source));
      expect(problemOf(answer)).toBe("too-many-tries");
      const seconds = Number(answer.headers["retry-after"]);
      waits.push(seconds);
      world.clock.skewWall(seconds * 1000);
      expect(problemOf(await wrong(browser))).toBe("log-in-refused");
    }
    expect(waits).toEqual([1, 2, 4, 8, 16]);
  });

  it("count as one source's whatever address the client writes into X-Forwarded-For (SR-42)", async () => {
    const browser = stranger();
    const problems: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const forwarded = {
        "x-forwarded-for": `203.0.113.${String(count)}`,
        forwarded: `for=203.0.113.${String(count)}`,
      };
      browser.headers = { ...browser.headers, ...forwarded };
      problems.push(problemOf(await wrong(browser)));
    }
    expect(problems.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "log-in-refused"));
    expect(problems[5]).toBe("too-many-tries");
  });

  it("count as one account's, also in letters that JavaScript and the database fold apart", async () => {
    const { name } = await setUpPassword(world, `Dr. Iris ${people}`);
    const browser = stranger();
    const problems: string[] = [];
    for (const spelled of [name, name.replace("I", "İ"), name.toLowerCase().replace("i", "İ")]) {
      for (let count = 0; count < 2; count += 1) {
        problems.push(problemOf(await logIn(typed({ name: spelled }), browser)));
      }
    }
    expect(problems.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "log-in-refused"));
    expect(problems[5]).toBe("too-many-tries");
  });

  it("are not looked at while they wait: the right password does not help, and nobody waits longer for it", async () => {
    const browser = stranger();
    for (let count = 0; count < 5; count += 1) await wrong(browser);
    for (let count = 0; count < 10; count += 1) {
      expect((await logIn(typed(), browser)).headers["retry-after"]).toBe("1");
    }
    world.clock.skewWall(1000);
    expect(problemOf(await logIn(typed(), browser))).toBe("200");
  });

  it("at once are counted as if they came after each other", async () => {
    const browser = stranger();
    const answers = await Promise.all(Array.from({ length: 12 }, () => wrong(browser)));
    const problems = answers.map(problemOf);
    expect(problems.filter((problem) => problem === "log-in-refused")).toHaveLength(5);
    expect(problems.filter((problem) => problem === "too-many-tries")).toHaveLength(7);
  });

  it("of strangers everywhere keep the right person out neither at the usual place nor with a passkey", async () => {
    const name = `Dr. Both ${people}`;
    const usual = `198.51.101.${people}`;
    const both = await setUpPassword(world, name, { source: usual });
    nextStep();
    const body = () => ({ name, password: PASSWORD, code: both.code(now()) });
    expect(problemOf(await logIn(body(), openBrowser(world.server, usual)))).toBe("200");
    const problems = new Set<string>();
    for (let count = 0; count < 30; count += 1) {
      problems.add(problemOf(await logIn({ ...body(), password: "nothing like it" })));
    }
    expect(problems).toEqual(new Set(["log-in-refused", "too-many-tries"]));
    nextStep();
    await logIn({ ...body(), password: "nothing like it" });
    expect(problemOf(await logIn(body()))).toBe("too-many-tries");
    const browser = openBrowser(world.server, usual);
    expect(problemOf(await logIn(body(), browser))).toBe("200");
    const notices = await browser.send("GET", CONSOLE_PATHS.staffNotices);
    expect(notices.json()).toMatchObject({ notices: [{ kind: "log-in-slowed" }] });
  });

  it("of strangers do not slow a passkey, which lets its owner's account begin anew", async () => {
    const name = `Dr. Key ${people}`;
    const { browser, authenticator } = await setUpPasskey(world, name);
    for (let count = 0; count < 12; count += 1) await logIn(typed({ name }));
    expect(problemOf(await logIn(typed({ name })))).toBe("too-many-tries");
    const request = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    const proof = authenticator.prove(request.json());
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.logInPasskey, proof))).toBe("200");
    expect(problemOf(await logIn(typed({ name })))).toBe("log-in-refused");
  });

  it("get no more than a hundred in a row, however long strangers wait", async () => {
    let looked = 0;
    for (let count = 0; count < 120; count += 1) {
      if (problemOf(await wrong(stranger())) === "log-in-refused") looked += 1;
      world.clock.skewWall(16 * 60_000);
    }
    expect(looked).toBe(100);
  });

  it("for names that nobody has wait like any other", async () => {
    const browser = stranger();
    const name = `Dr. Invented ${people}`;
    for (let count = 0; count < 5; count += 1) await logIn(typed({ name }), browser);
    expect(problemOf(await logIn(typed({ name }), browser))).toBe("too-many-tries");
  });

  it("from one source for many names wait as well, and its own right one does not undo them", async () => {
    const browser = stranger();
    for (let count = 0; count < 29; count += 1) {
      await logIn(typed({ name: `Dr. Guess ${people} ${count}` }), browser);
    }
    expect(problemOf(await logIn(typed(), browser))).toBe("200");
    expect(problemOf(await logIn(typed({ name: `Dr. Guess ${people} a` }), browser))).toBe(
      "log-in-refused",
    );
    expect(problemOf(await logIn(typed({ name: `Dr. Guess ${people} b` }), browser))).toBe(
      "too-many-tries",
    );
  });
});

describe("names that are typed by who has to wait (SR-08)", () => {
  it("are not even looked for, and leave nothing behind", async () => {
    const browser = stranger();
    const rows = async () => {
      const counted = await world.database.query("SELECT count(*) AS count FROM staff_tries");
      return counted.rows[0]?.number("count");
    };
    for (let count = 0; count < 30; count += 1) {
      await logIn(typed({ name: `Dr. Filling ${people} ${count}` }), browser);
    }
    const before = await rows();
    for (let count = 0; count < 5; count += 1) {
      const name = `Dr. Filling ${people} again ${count}`;
      expect(problemOf(await logIn(typed({ name }), browser))).toBe("too-many-tries");
    }
    expect(await rows()).toBe(before);
  });
});

describe("what was changed in the database by hand", () => {
  it.each([
    [
      "another's password",
      "UPDATE staff_passwords SET hash = (SELECT hash FROM staff_passwords ORDER BY staff_id LIMIT 1)",
    ],
    ["an older last code", "UPDATE staff_totp SET last_step = last_step - 100"],
    [
      "another's TOTP secret",
      "UPDATE staff_totp SET sealed = (SELECT sealed FROM staff_totp ORDER BY staff_id LIMIT 1)",
    ],
  ])("lets nobody in: %s", async (_what, sql) => {
    const saved = await world.database.query("SELECT count(*) AS count FROM staff_passwords");
    expect(saved.rows[0]?.number("count")).toBeGreaterThan(1);
    await world.tamper("CREATE TABLE kept_passwords AS TABLE staff_passwords");
    await world.tamper("CREATE TABLE kept_totp AS TABLE staff_totp");
    await world.tamper(sql);
    const answer = await logIn(typed());
    expect(problemOf(answer)).toBe("fault");
    expect(answer.body).not.toMatch(/ROW_ALTERED|staff_/);
    await world.tamper("DELETE FROM staff_passwords; DELETE FROM staff_totp");
    await world.tamper("INSERT INTO staff_passwords TABLE kept_passwords");
    await world.tamper("INSERT INTO staff_totp TABLE kept_totp");
    await world.tamper("DROP TABLE kept_passwords, kept_totp");
    expect(problemOf(await logIn(typed()))).toBe("200");
  });

  it("lets a used recovery code in again for nobody", async () => {
    const [code] = doctor.recoveryCodes;
    await logIn(typed({ code }));
    await world.tamper("UPDATE staff_recovery_codes SET used_at = NULL WHERE used_at IS NOT NULL");
    expect(problemOf(await logIn(typed({ code })))).toBe("fault");
    await world.tamper("DELETE FROM staff_recovery_codes");
  });
});
