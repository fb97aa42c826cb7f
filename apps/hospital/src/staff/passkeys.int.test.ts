import { CONSOLE_PATHS, type PasskeyRequest } from "@siphms/api";
import { fromBase64Url } from "@siphms/cose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONSOLE_ORIGIN } from "../testing/hospital-world.ts";
import { CHALLENGE_LIFETIME_MS } from "./challenges.ts";
import {
  createUnsafeAuthenticator,
  type Lie,
  type UnsafeAuthenticator,
} from "../testing/soft-authenticator.ts";
import {
  createLogInWorld,
  makeToken,
  openBrowser,
  problemOf,
  refusalsOf,
  setUpPasskey,
  type Browser,
  type LogInWorld,
} from "../testing/log-in-world.ts";

let world: LogInWorld;
let name: string;
let authenticator: UnsafeAuthenticator;
let browser: Browser;
let people = 0;

beforeAll(async () => {
  world = await createLogInWorld();
});

beforeEach(async () => {
  people += 1;
  name = `Dr. Number ${people}`;
  ({ authenticator } = await setUpPasskey(world, name, { counter: 9 }));
  browser = openBrowser(world.server);
});

afterAll(() => world.close());

const request = async (): Promise<PasskeyRequest> =>
  (await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest)).json<PasskeyRequest>();
const logInWith = (proof: object) => browser.send("POST", CONSOLE_PATHS.logInPasskey, proof);
const logIn = async (lie: Lie = {}, by = authenticator) =>
  logInWith(by.prove(await request(), lie));
const lastRefusal = async () => (await refusalsOf(world)).at(-1);

describe("signing in with a passkey [HS-312d]", () => {
  it("opens a session without a name, a password or a code (SR-01)", async () => {
    const answer = await logIn();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ staff: { name }, method: "passkey", demo: false });
    expect(problemOf(await browser.send("GET", CONSOLE_PATHS.session))).toBe("200");
  });

  it("asks for a verified person and names no passkey to strangers", async () => {
    const asked = await request();
    expect(Object.keys(asked).sort()).toEqual(["challenge", "rpId", "timeout", "userVerification"]);
    expect(asked).toMatchObject({ rpId: "localhost", userVerification: "required" });
    expect(fromBase64Url(asked.challenge).length).toBeGreaterThanOrEqual(16);
  });

  it.each<[string, Lie, string]>([
    ["nobody verified", { userVerified: false }, "proof"],
    ["nobody present", { userPresent: false, userVerified: false }, "proof"],
    ["another origin", { origin: "https://evil.example" }, "proof"],
    ["the origin of the patient app", { origin: "http://localhost:8091" }, "proof"],
    ["another rpId", { rpId: "evil.example" }, "proof"],
    ["a registration's type", { type: "webauthn.create" }, "proof"],
    ["another key", { foreignKey: true }, "proof"],
    ["somebody else's handle", { userHandle: "A".repeat(43) }, "proof"],
    ["a challenge of its own", { challenge: "A".repeat(75) }, "proof"],
    ["an empty challenge", { challenge: "" }, "proof"],
  ])("is refused with %s (SR-02)", async (_what, lie, reason) => {
    const answer = await logIn(lie);
    expect(problemOf(answer)).toBe("log-in-refused");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(await lastRefusal()).toBe(reason);
    // None of these was the passkey's own signature: it is as good as before.
    expect(problemOf(await logIn())).toBe("200");
  });

  it("is refused with a passkey that nobody has, in the same words", async () => {
    const stranger = createUnsafeAuthenticator(CONSOLE_ORIGIN);
    const unknown = await logIn({}, stranger);
    expect(unknown.body).toBe((await logIn({ foreignKey: true })).body);
    expect((await refusalsOf(world)).slice(-2)).toEqual(["passkey-unknown", "proof"]);
  });

  it("takes each answer once (SR-03)", async () => {
    const proof = authenticator.prove(await request());
    expect(problemOf(await logInWith(proof))).toBe("200");
    expect(problemOf(await logInWith(proof))).toBe("log-in-refused");
    expect(await lastRefusal()).toBe("challenge-used");
  });

  it("takes each challenge once, also when it is signed anew (SR-03)", async () => {
    const asked = await request();
    expect(problemOf(await logInWith(authenticator.prove(asked)))).toBe("200");
    expect(problemOf(await logInWith(authenticator.prove(asked)))).toBe("log-in-refused");
    expect(await lastRefusal()).toBe("challenge-used");
  });

  it("opens one session for an answer that comes twice at once (SR-03)", async () => {
    const proof = authenticator.prove(await request());
    const answers = await Promise.all([logInWith(proof), logInWith(proof)]);
    expect(answers.map(problemOf).sort()).toEqual(["200", "log-in-refused"]);
  });

  it("takes an answer in the last millisecond of five minutes and none later (SR-03)", async () => {
    const [early, late] = [await request(), await request()];
    world.clock.skewWall(CHALLENGE_LIFETIME_MS - 1);
    expect(problemOf(await logInWith(authenticator.prove(early)))).toBe("200");
    world.clock.skewWall(1);
    expect(problemOf(await logInWith(authenticator.prove(late)))).toBe("log-in-refused");
  });

  it("forgets spent challenges only when they are too old anyway", async () => {
    const proof = authenticator.prove(await request());
    await logInWith(proof);
    world.clock.skewWall(CHALLENGE_LIFETIME_MS - 1);
    await world.desk.sweep();
    expect(problemOf(await logInWith(proof))).toBe("log-in-refused");
    world.clock.skewWall(1);
    await world.desk.sweep();
    expect(problemOf(await logInWith(proof))).toBe("log-in-refused");
    const { rows } = await world.database.query("SELECT 1 AS one FROM staff_spent_challenges");
    expect(rows).toHaveLength(0);
  });

  it("is refused to who is disabled, in the same words", async () => {
    await world.desk.disable(name);
    const answer = await logIn();
    expect(answer.body).toBe((await logIn({ foreignKey: true })).body);
    expect((await refusalsOf(world)).at(-2)).toBe("disabled");
  });

  it.each([
    { id: "!" },
    { type: "password" },
    { response: {} },
    { clientExtensionResults: undefined },
    { role: "administrator" },
  ])("is malformed with %j (SR-24)", async (more) => {
    const proof = authenticator.prove(await request());
    expect(problemOf(await logInWith({ ...proof, ...more }))).toBe("malformed");
  });
});

describe("a count of signatures (SR-04) [HS-312d]", () => {
  it.each([9, 10])(
    "that says %i after 10 is a copy's: both are suspended, the owner is told",
    async (counter) => {
      expect(problemOf(await logIn())).toBe("200");
      expect(authenticator.counter).toBe(10);
      expect(problemOf(await logIn({ counter }))).toBe("log-in-refused");
      expect(await lastRefusal()).toBe("passkey-cloned");
      expect(problemOf(await logIn({ counter: 99 }))).toBe("log-in-refused");
      expect(await lastRefusal()).toBe("passkey-suspended");
      const { rows } = await world.database.query(
        `SELECT kind FROM staff_notices JOIN staff ON staff_id = staff.id WHERE name = $1`,
        [name],
      );
      expect(rows.map((row) => row.text("kind"))).toEqual(["passkey-suspended"]);
      const events = await world.database.query(
        "SELECT 1 AS one FROM audit_events WHERE event = 'staff.passkey-suspended'",
      );
      expect(events.rows.length).toBeGreaterThan(0);
    },
  );

  it("finds a copy out by the first of the two that is behind", async () => {
    const copy = authenticator.clone();
    expect(problemOf(await logIn({}, copy))).toBe("200");
    expect(problemOf(await logIn())).toBe("log-in-refused");
    expect(await lastRefusal()).toBe("passkey-cloned");
  });

  it("that falls back to nothing is a copy's", async () => {
    expect(problemOf(await logIn({ counter: 0 }))).toBe("log-in-refused");
    expect(await lastRefusal()).toBe("passkey-cloned");
  });

  it("suspends nothing when the signature is not the passkey's own", async () => {
    expect(problemOf(await logIn({ counter: 1, foreignKey: true }))).toBe("log-in-refused");
    expect(problemOf(await logIn())).toBe("200");
  });

  it("of an authenticator that counts nothing is always nothing", async () => {
    const other = await setUpPasskey(world, `Dr. Uncounted ${people}`);
    for (let count = 0; count < 3; count += 1) {
      expect(problemOf(await logIn({}, other.authenticator))).toBe("200");
    }
  });
});

describe("setting up a passkey by a link", () => {
  const setUp = async (lie: Lie, by = createUnsafeAuthenticator(CONSOLE_ORIGIN)) => {
    const token = await makeToken(world.desk, name);
    const creation = await browser.send("POST", CONSOLE_PATHS.setUpPasskeyCreation, { token });
    const credential = by.create(creation.json(), lie);
    const body = { token, label: "a key", credential };
    return { body, answer: await browser.send("POST", CONSOLE_PATHS.setUpPasskey, body) };
  };

  it.each<[string, Lie]>([
    ["nobody verified (SR-01)", { userVerified: false }],
    ["another origin (SR-02)", { origin: "https://evil.example" }],
    ["another rpId (SR-02)", { rpId: "evil.example" }],
    ["a log-in's type", { type: "webauthn.get" }],
    ["another challenge (SR-03)", { challenge: "A".repeat(75) }],
    ["an attestation that was not asked for and is none", { attestationFormat: "packed" }],
  ])("is refused with %s, and leaves link and old passkey good", async (_what, lie) => {
    const { body, answer } = await setUp(lie);
    expect(problemOf(answer)).toBe("passkey-refused");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    const look = await browser.send("POST", CONSOLE_PATHS.setUp, { token: body.token });
    expect(look.json()).toMatchObject({ name, role: "doctor" });
    expect(problemOf(await logIn())).toBe("200");
  });

  it("is refused with a log-in's challenge, and the other way round (SR-02)", async () => {
    expect(problemOf((await setUp({ challenge: (await request()).challenge })).answer)).toBe(
      "passkey-refused",
    );
    const token = await makeToken(world.desk, name);
    const creation = await browser.send("POST", CONSOLE_PATHS.setUpPasskeyCreation, { token });
    const { challenge } = creation.json<{ challenge: string }>();
    expect(problemOf(await logIn({ challenge }))).toBe("log-in-refused");
  });

  it("is refused with a credential that is registered, under the same key or another (SR-04) [HS-312a2i]", async () => {
    const { answer } = await setUp({}, authenticator);
    expect(problemOf(answer)).toBe("passkey-refused");
    const id = fromBase64Url(authenticator.credentialId);
    const changed = await setUp({}, createUnsafeAuthenticator(CONSOLE_ORIGIN, { id }));
    expect(problemOf(changed.answer)).toBe("passkey-refused");
    const { rows } = await world.database.query(
      "SELECT 1 AS one FROM audit_events WHERE event = 'staff.passkey-refused'",
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    expect(problemOf(await logIn())).toBe("200");
  });

  it("takes the place of what was there: the lost passkey and its sessions end, its owner is told (SR-11, SR-15)", async () => {
    const old = openBrowser(world.server);
    await old.send("POST", CONSOLE_PATHS.logInPasskey, authenticator.prove(await request()));
    const { body, answer } = await setUp({});
    expect(answer.statusCode).toBe(200);
    expect(problemOf(await old.send("GET", CONSOLE_PATHS.session))).toBe("not-signed-in");
    const notices = await browser.send("GET", CONSOLE_PATHS.staffNotices);
    expect(notices.json()).toMatchObject({ notices: [{ kind: "factors-replaced" }] });
    expect(problemOf(await browser.send("POST", CONSOLE_PATHS.setUpPasskey, body))).toBe(
      "link-invalid",
    );
    expect(problemOf(await logIn())).toBe("log-in-refused");
    expect(await lastRefusal()).toBe("passkey-unknown");
  });
});

describe("a passkey's row that was changed by hand", () => {
  it.each([
    "UPDATE staff_passkeys SET staff_id = (SELECT min(id) FROM staff)",
    "UPDATE staff_passkeys SET counter = 0",
    "UPDATE staff_passkeys SET public_key = (SELECT public_key FROM staff_passkeys ORDER BY id LIMIT 1)",
    "UPDATE staff_passkeys SET label = label || '.'",
    "UPDATE staff_passkeys SET version = version + 1",
  ])("opens nothing after %s", async (sql) => {
    await world.tamper("CREATE TABLE kept AS TABLE staff_passkeys");
    await world.tamper(sql);
    const answer = await logIn();
    expect(problemOf(answer)).toBe("fault");
    expect(answer.body).not.toMatch(/ROW_ALTERED|staff_passkeys/);
    await world.tamper(
      "DELETE FROM staff_passkeys; INSERT INTO staff_passkeys TABLE kept; DROP TABLE kept",
    );
    expect(problemOf(await logIn())).toBe("200");
  });
});
