import { randomUUID } from "node:crypto";
import { BACKGROUND_HEADER, CONSOLE_PATHS, patientPath } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readEntries } from "../testing/audit-entries.ts";
import {
  createLogInWorld,
  openBrowser,
  setUpPasskey,
  type LogInWorld,
} from "../testing/log-in-world.ts";
import { createUnsafeAuthenticator } from "../testing/soft-authenticator.ts";
import { CONSOLE_ORIGIN } from "../testing/hospital-world.ts";
import { UNKNOWN_CALLERS_EVERY_MS } from "./unknown-callers.ts";

let world: LogInWorld;
let before: number;

beforeAll(async () => {
  world = await createLogInWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  // What an earlier test has counted must not show up in the next one.
  await world.clock.advance(UNKNOWN_CALLERS_EVERY_MS);
  await world.desk.sweep();
  const { rows } = await world.database.query("SELECT max(id) AS last FROM audit_events");
  before = rows[0]?.numberOrNull("last") ?? 0;
});

const noted = async (): Promise<readonly string[]> => {
  const entries = await readEntries(world, "event = 'access.refused' AND id > $1", [before]);
  return entries.map(({ actor, object, details: { why, count } }) =>
    [actor, object, why, count].map(String).join(" "),
  );
};

const look = (browser = openBrowser(world.server)) =>
  browser.send("GET", patientPath(randomUUID()));
const LINE = "anybody GET /api/patients/:patient not-signed-in";

describe("a request about patients by nobody who is signed in", () => {
  it("is refused and is on record, without what was asked for (SR-22, SR-58) [HS-312b]", async () => {
    expect((await look()).statusCode).toBe(401);
    expect(await noted()).toEqual([`${LINE} 1`]);
  });

  it("fills nothing, however often it comes: a minute has one entry, and none is forgotten", async () => {
    for (let count = 0; count < 20; count += 1) await look();
    expect(await noted()).toEqual([`${LINE} 1`]);
    await world.clock.advance(UNKNOWN_CALLERS_EVERY_MS);
    await look();
    expect(await noted()).toEqual([`${LINE} 1`, `${LINE} 20`]);
  });

  it("is on record too where no other follows", async () => {
    for (let count = 0; count < 5; count += 1) await look();
    await world.desk.sweep();
    expect(await noted()).toEqual([`${LINE} 1`, `${LINE} 4`]);
    await world.desk.sweep();
    expect(await noted()).toHaveLength(2);
  });

  it("is counted for each route apart", async () => {
    await look();
    await openBrowser(world.server).send("GET", CONSOLE_PATHS.patients);
    expect(await noted()).toEqual([`${LINE} 1`, "anybody GET /api/patients not-signed-in 1"]);
  });

  it("is also one whose session has ended", async () => {
    const { browser } = await setUpPasskey(world, "Dr. Leaving");
    await world.desk.disable("Dr. Leaving");
    browser.cookie ??= "A".repeat(43);
    browser.headers = { ...browser.headers, [BACKGROUND_HEADER]: "1" };
    expect((await look(browser)).statusCode).toBe(401);
    expect(await noted()).toEqual([`${LINE} 1`]);
  });

  it("is not one that asks who is signed in, as each page does when it opens", async () => {
    await openBrowser(world.server).send("GET", CONSOLE_PATHS.session);
    expect(await noted()).toEqual([]);
  });
});

describe("a log-in by a passkey, which nothing makes wait", () => {
  const refusals = async () => {
    const entries = await readEntries(world, "event = 'staff.log-in-refused' AND id > $1", [
      before,
    ]);
    return entries.map(({ object, details: { reason, count, source } }) => ({
      account: object !== null,
      reason,
      count,
      source: String(source).length,
    }));
  };
  const tryAll = async (
    proofs: number,
    authenticator = createUnsafeAuthenticator(CONSOLE_ORIGIN),
  ) => {
    for (let count = 0; count < proofs; count += 1) {
      const browser = openBrowser(world.server, `203.0.113.${String(count)}`);
      const asked = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
      const proof = authenticator.prove(asked.json(), { foreignKey: true });
      expect((await browser.send("POST", CONSOLE_PATHS.logInPasskey, proof)).statusCode).toBe(401);
    }
  };

  it("fills no log with passkeys that nobody has, from however many places (SR-58) [HS-308a5C]", async () => {
    await tryAll(20);
    const unknown = { account: false, reason: "passkey-unknown", source: 16 };
    expect(await refusals()).toEqual([{ ...unknown, count: 1 }]);
    await world.desk.sweep();
    expect(await refusals()).toEqual([
      { ...unknown, count: 1 },
      { ...unknown, count: 19 },
    ]);
  });

  it("fills none with somebody's passkey either, and its account has a count of its own", async () => {
    const { authenticator } = await setUpPasskey(world, "Dr. Copied");
    await tryAll(1);
    await tryAll(5, authenticator);
    await world.desk.sweep();
    expect(await refusals()).toMatchObject([
      { account: false, reason: "passkey-unknown", count: 1 },
      { account: true, reason: "proof", count: 1 },
      { account: true, reason: "proof", count: 4 },
    ]);
  });
});
