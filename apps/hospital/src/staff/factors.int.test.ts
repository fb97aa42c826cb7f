import { CONSOLE_PATHS, passkeyPath, type Factors } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONSOLE_ORIGIN } from "../testing/hospital-world.ts";
import { LINK_LIFETIME_MS, SESSION_LIFETIME_MS } from "./index.ts";
import { createUnsafeAuthenticator } from "../testing/soft-authenticator.ts";
import {
  createLogInWorld,
  FROM_CONSOLE,
  makeToken,
  openBrowser,
  PASSWORD,
  problemOf,
  setUpPasskey,
  setUpPassword,
  totpApp,
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

const now = () => world.clock.now();
const offerTo = async (browser: Browser, token: string) =>
  (await browser.send("POST", CONSOLE_PATHS.setUpTotp, { token })).json<{
    ticket: string;
    secret: string;
  }>();
const factorsOf = async (browser: Browser): Promise<Factors> =>
  (await browser.send("GET", CONSOLE_PATHS.factors)).json<Factors>();

describe("setting up password and TOTP by a link", () => {
  const begin = async () => {
    const browser = openBrowser(world.server);
    const token = await makeToken(world.desk, name);
    const { ticket, secret } = await offerTo(browser, token);
    const code = totpApp(secret);
    const body = { token, password: PASSWORD, ticket, code: code(now()) };
    const send = (more: object = {}) =>
      browser.send("POST", CONSOLE_PATHS.setUpPassword, { ...body, ...more });
    return { browser, token, ticket, code, body, send };
  };

  it("opens a session, uses the link up, and shows ten recovery codes", async () => {
    const { browser, send } = await begin();
    const answer = await send();
    expect(answer.statusCode).toBe(200);
    expect(answer.json<{ codes: string[] }>().codes).toHaveLength(10);
    expect(answer.json()).toMatchObject({ session: { staff: { name }, method: "password" } });
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("200");
    expect(problemOf(await send())).toBe("link-invalid");
    expect(await factorsOf(browser)).toEqual({
      passkeys: [],
      password: true,
      recoveryCodesLeft: 10,
    });
  });

  it.each([
    ["short", "fewer than 8"],
    ["password1", "tried first"],
    ["siphms-2025", "name that others know"],
    ["aaaaaaaaaaaa", "repeats itself"],
  ])(
    "refuses %s, says why, and leaves the link good (SR-05, SR-06) [HS-308a5D]",
    async (password, why) => {
      const { send } = await begin();
      const answer = await send({ password });
      expect(problemOf(answer)).toBe("password-refused");
      expect(answer.json<{ detail: string }>().detail).toContain(why);
      expect(answer.body).not.toContain(password);
      expect(problemOf(await send())).toBe("200");
    },
  );

  it("keeps a password of sixty-four emoji as it is (SR-05) [HS-308a5D]", async () => {
    const password = "🦦🌊🐚🦀🐟🐙🦑🐬🐳🦈🐊🐢🦎🐍🐲🦕".repeat(4);
    expect(Array.from(password)).toHaveLength(64);
    const { send, code } = await begin();
    expect(problemOf(await send({ password }))).toBe("200");
    world.clock.skewWall(30_000);
    const logIn = (typed: string) =>
      openBrowser(world.server, `10.1.0.${people}`).send("POST", CONSOLE_PATHS.logInPassword, {
        ...{ name, password: typed, code: code(now()) },
      });
    expect(problemOf(await logIn(password.slice(0, -2)))).toBe("log-in-refused");
    expect(problemOf(await logIn(password))).toBe("200");
  });

  it.each<[string, (of: Awaited<ReturnType<typeof begin>>) => Promise<object>]>([
    ["a wrong code", () => Promise.resolve({ code: "000000" })],
    [
      "a ticket of another link",
      async ({ browser }) => {
        const token = await makeToken(world.desk, `${name} b`);
        const { ticket, secret } = await offerTo(browser, token);
        return { ticket, code: totpApp(secret)(now()) };
      },
    ],
    ["a ticket of one's own making", () => Promise.resolve({ ticket: "AAAA" })],
    [
      "a ticket older than five minutes",
      ({ code }) => {
        world.clock.skewWall(STEP_UP_MS);
        return Promise.resolve({ code: code(now()) });
      },
    ],
  ])("is refused with %s", async (_what, change) => {
    const started = await begin();
    expect(problemOf(await started.send(await change(started)))).toBe("code-refused");
  });

  it("is over with the link, whatever was begun (SR-10)", async () => {
    const { send, browser, token } = await begin();
    world.clock.skewWall(LINK_LIFETIME_MS);
    for (const path of [
      CONSOLE_PATHS.setUp,
      CONSOLE_PATHS.setUpTotp,
      CONSOLE_PATHS.setUpPasskeyCreation,
    ]) {
      expect(problemOf(await browser.send("POST", path, { token }))).toBe("link-invalid");
    }
    expect(problemOf(await send())).toBe("link-invalid");
  });

  it("gives one of two that end it at once the account", async () => {
    const { send } = await begin();
    const answers = await Promise.all([send(), send()]);
    expect(answers.map(problemOf).sort()).toEqual(["200", "link-invalid"]);
  });

  it("takes nothing that would choose for somebody: name, role, id (SR-11, SR-24)", async () => {
    const { send } = await begin();
    for (const more of [{ name: "Dr. Other" }, { role: "administrator" }, { staff: "1" }]) {
      expect(problemOf(await send(more))).toBe("malformed");
    }
  });

  it("takes nothing from another origin (SR-21)", async () => {
    const { browser, body } = await begin();
    const headers = { ...FROM_CONSOLE, origin: "http://localhost:8091" };
    browser.headers = headers;
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.setUpPassword, body))).toBe(
      "origin-refused",
    );
  });

  it("stores neither the password nor the secret in the clear (SR-07) [HS-308a5D]", async () => {
    const { send, browser, token } = await begin();
    const { secret } = await offerTo(browser, token);
    await send();
    const { rows } = await world.database.query(
      `SELECT (SELECT string_agg(p::text, '') FROM staff_passwords p) ||
         (SELECT string_agg(t::text, '') FROM staff_totp t) AS all`,
    );
    const dump = rows[0]?.text("all") ?? "";
    expect(dump).toContain("$argon2id$");
    for (const text of [PASSWORD, Buffer.from(PASSWORD).toString("hex"), secret]) {
      expect(dump).not.toContain(text);
    }
  });
});

describe("proving anew who one is (SR-20)", () => {
  it("gives another token, a fresh proof, and no later end of the session (SR-16)", async () => {
    const { browser, authenticator } = await setUpPasskey(world, name);
    const before = (await browser.send("GET", CONSOLE_PATHS.session)).json<{ expires: number }>();
    const old = browser.cookie;
    world.clock.skewWall(STEP_UP_MS);
    const asked = await browser.send("POST", CONSOLE_PATHS.stepUpPasskeyRequest);
    const proof = authenticator.prove(asked.json());
    const answer = await browser.send("POST", CONSOLE_PATHS.stepUpPasskey, proof);
    expect(answer.json()).toMatchObject({ expires: before.expires, proved: now() });
    expect(browser.cookie).not.toBe(old);
    const thief = openBrowser(world.server);
    thief.cookie = old;
    expect(problemOf(await thief.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
  });

  it("works with password and code, and not with either alone", async () => {
    const { browser, code } = await setUpPassword(world, name);
    world.clock.skewWall(STEP_UP_MS);
    const send = (body: object) => browser.send("POST", CONSOLE_PATHS.stepUpPassword, body);
    expect(problemOf(await send({ password: PASSWORD }))).toBe("malformed");
    expect(problemOf(await send({ password: PASSWORD, code: "000000" }))).toBe("log-in-refused");
    expect(problemOf(await send({ password: "nothing", code: code(now()) }))).toBe(
      "log-in-refused",
    );
    const old = browser.cookie;
    expect(problemOf(await send({ password: PASSWORD, code: code(now()) }))).toBe("200");
    expect(browser.cookie).not.toBe(old);
  });

  it("is refused with somebody else's passkey, and with a log-in's challenge", async () => {
    const { browser, authenticator } = await setUpPasskey(world, name);
    const other = await setUpPasskey(world, `${name} b`);
    const asked = (await browser.send("POST", CONSOLE_PATHS.stepUpPasskeyRequest)).json<never>();
    const stepUp = (proof: object) => browser.send("POST", CONSOLE_PATHS.stepUpPasskey, proof);
    expect(problemOf(await stepUp(other.authenticator.prove(asked)))).toBe("log-in-refused");
    const logIn = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    expect(problemOf(await stepUp(authenticator.prove(logIn.json())))).toBe("log-in-refused");
    const elsewhere = await other.browser.send("POST", CONSOLE_PATHS.stepUpPasskeyRequest);
    expect(problemOf(await stepUp(authenticator.prove(elsewhere.json())))).toBe("log-in-refused");
    expect(problemOf(await stepUp(authenticator.prove(asked)))).toBe("200");
  });

  it("is for nobody who is not signed in", async () => {
    const nobody = openBrowser(world.server);
    expect(problemOf(await nobody.send("POST", CONSOLE_PATHS.stepUpPasskeyRequest))).toBe(
      "not-signed-in",
    );
  });

  it("does not carry a session over its twelve hours (SR-17) [HS-312a2iii]", async () => {
    const { browser, authenticator } = await setUpPasskey(world, name);
    const begun = now();
    const stepUp = async () => {
      const asked = await browser.send("POST", CONSOLE_PATHS.stepUpPasskeyRequest);
      return asked.statusCode === 200
        ? browser.send("POST", CONSOLE_PATHS.stepUpPasskey, authenticator.prove(asked.json()))
        : asked;
    };
    const stepMs = 14 * 60_000;
    while (now() - begun + stepMs < SESSION_LIFETIME_MS) {
      world.clock.skewWall(stepMs);
      expect(problemOf(await stepUp())).toBe("200");
    }
    world.clock.skewWall(SESSION_LIFETIME_MS - (now() - begun));
    expect(problemOf(await stepUp())).toBe("not-signed-in");
  });
});

describe("one's own factors", () => {
  const addPasskey = async (browser: Browser) => {
    const authenticator = createUnsafeAuthenticator(CONSOLE_ORIGIN);
    const creation = await browser.send("POST", CONSOLE_PATHS.passkeyCreation);
    if (creation.statusCode !== 200) return { authenticator, answer: creation };
    const credential = authenticator.create(creation.json());
    const body = { label: "a key", credential };
    return { authenticator, answer: await browser.send("POST", CONSOLE_PATHS.passkeys, body) };
  };

  it.each([
    ["POST", CONSOLE_PATHS.passkeyCreation],
    ["POST", CONSOLE_PATHS.passkeys],
    ["DELETE", passkeyPath("1")],
    ["POST", CONSOLE_PATHS.totp],
    ["POST", CONSOLE_PATHS.password],
    ["POST", CONSOLE_PATHS.recoveryCodes],
  ] as const)("are not changed by %s %s without a fresh step-up (SR-20)", async (method, path) => {
    const { browser } = await setUpPasskey(world, name);
    world.clock.skewWall(STEP_UP_MS);
    expect(problemOf(await browser.send(method, path))).toBe("step-up-required");
    const nobody = openBrowser(world.server);
    expect(problemOf(await nobody.send(method, path))).toBe("not-signed-in");
  });

  it("are two passkeys after one was added, and the new one signs in", async () => {
    const { browser } = await setUpPasskey(world, name);
    const { authenticator, answer } = await addPasskey(browser);
    expect(problemOf(answer)).toBe("204");
    expect((await factorsOf(browser)).passkeys).toMatchObject([
      { label: "a phone" },
      { label: "a key" },
    ]);
    const asked = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    const proof = authenticator.prove(asked.json());
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.logInPasskey, proof))).toBe("200");
  });

  it("lose a passkey at once with every other session, and the last one never (SR-15)", async () => {
    const { browser, authenticator } = await setUpPasskey(world, name);
    const other = openBrowser(world.server);
    const asked = await other.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    await other.send("POST", CONSOLE_PATHS.logInPasskey, authenticator.prove(asked.json()));
    const [first] = (await factorsOf(browser)).passkeys;
    const remove = (id: string) => browser.send("DELETE", passkeyPath(id));
    expect(problemOf(await remove(first?.id ?? ""))).toBe("conflict");
    await addPasskey(browser);
    expect(problemOf(await remove(first?.id ?? ""))).toBe("204");
    expect(problemOf(await other.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("200");
    const again = await other.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
    const proof = authenticator.prove(again.json());
    expect(problemOf(await other.send("POST", CONSOLE_PATHS.logInPasskey, proof))).toBe(
      "log-in-refused",
    );
  });

  it("hold nobody else's passkey: its number is like one that nobody has (SR-23)", async () => {
    const { browser } = await setUpPasskey(world, name);
    const other = await setUpPasskey(world, `${name} b`);
    const [theirs] = (await factorsOf(other.browser)).passkeys;
    const [known, unknown] = [
      await browser.send("DELETE", passkeyPath(theirs?.id ?? "")),
      await browser.send("DELETE", passkeyPath("999999")),
    ];
    expect(problemOf(known)).toBe("not-found");
    expect(known.body).toBe(unknown.body);
    expect((await factorsOf(other.browser)).passkeys).toHaveLength(1);
  });

  it("take a new password, whose first code is spent, and end every other session", async () => {
    const { browser, code } = await setUpPassword(world, name);
    const other = openBrowser(world.server, `10.2.0.${people}`);
    world.clock.skewWall(30_000);
    const logIn = (password: string, by: (at: number) => string) =>
      other.send("POST", CONSOLE_PATHS.logInPassword, { name, password, code: by(now()) });
    expect(problemOf(await logIn(PASSWORD, code))).toBe("200");
    const offer = (await browser.send("POST", CONSOLE_PATHS.totp)).json<{
      ticket: string;
      secret: string;
    }>();
    const newCode = totpApp(offer.secret);
    const password = "herons wade at low tide";
    const body = { password, ticket: offer.ticket, code: newCode(now()) };
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.password, body))).toBe("200");
    expect(problemOf(await other.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    expect(problemOf(await logIn(password, newCode))).toBe("log-in-refused");
    world.clock.skewWall(30_000);
    expect(problemOf(await logIn(PASSWORD, code))).toBe("log-in-refused");
    expect(problemOf(await logIn(password, newCode))).toBe("200");
  });

  it("take new recovery codes, and the old ones are worth nothing", async () => {
    const { browser, code, recoveryCodes } = await setUpPassword(world, name);
    const answer = await browser.send("POST", CONSOLE_PATHS.recoveryCodes);
    const { codes } = answer.json<{ codes: string[] }>();
    expect(codes).toHaveLength(10);
    world.clock.skewWall(30_000);
    expect(code(now())).toHaveLength(6);
    const logIn = (with_: string | undefined) =>
      openBrowser(world.server, `10.3.0.${people}`).send("POST", CONSOLE_PATHS.logInPassword, {
        ...{ name, password: PASSWORD, code: with_ },
      });
    expect(problemOf(await logIn(recoveryCodes[0]))).toBe("log-in-refused");
    expect(problemOf(await logIn(codes[0]))).toBe("200");
  });

  it("hold no recovery codes without a TOTP app", async () => {
    const { browser } = await setUpPasskey(world, name);
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.recoveryCodes))).toBe("conflict");
  });

  it("come with notices, which are seen when their owner says so", async () => {
    const { browser } = await setUpPasskey(world, name);
    await addPasskey(browser);
    const read = async () =>
      (await browser.send("GET", CONSOLE_PATHS.staffNotices)).json<{
        notices: { id: string; kind: string; seen: boolean }[];
      }>().notices;
    const [notice] = await read();
    expect(notice).toMatchObject({ kind: "passkey-added", seen: false });
    const seen = { upTo: notice?.id };
    const other = await setUpPasskey(world, `${name} b`);
    await other.browser.send("POST", CONSOLE_PATHS.seenStaffNotices, seen);
    expect((await read())[0]?.seen).toBe(false);
    await browser.send("POST", CONSOLE_PATHS.seenStaffNotices, seen);
    expect((await read())[0]?.seen).toBe(true);
  });
});
