import { randomUUID } from "node:crypto";
import type { Activity, ActivityFigure, AuditLines, PersonActivity } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendAudit, auditNameOfStaff, type AuditEntry } from "../audit/index.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { grantingTables } from "../check/granting-tables.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** The Monday of the first week, at midnight in Berlin. */
const MONDAY = Date.UTC(2026, 0, 4, 23);
const FIRST = "2026-01-05";
const SECOND = "2026-01-12";
const NOTE = "Asked each of them; all of it was as they say";

let world: HospitalWorld;
let site: ConsoleWorld;
let officer: TestPerson;
const patients: string[] = [];
const people = new Map<string, string>();

const actorOf = (name: string): string => people.get(name) ?? name;

const note = (entries: readonly (Partial<AuditEntry> & { readonly at: number })[]) =>
  world.database.withTransaction((tx) =>
    appendAudit(
      tx,
      entries.map((entry) => ({
        ...{ event: "data.disclosed", actor: "operator", object: "patient" },
        ...{ action: "read", outcome: "done" },
        ...entry,
      })),
    ),
  );

/** So many different patients' records, opened at one time. */
const looks = (name: string, count: number, more: Partial<AuditEntry> = {}) =>
  patients.slice(0, count).map((subject) => ({
    ...{ at: MONDAY + 12 * HOUR_MS, actor: actorOf(name), subject, purpose: "treatment" },
    ...more,
  }));

const refusals = (name: string, count: number, why: string) =>
  Array.from({ length: count }, () => ({
    ...{ at: MONDAY + 12 * HOUR_MS, event: "access.refused", actor: actorOf(name) },
    ...{ outcome: "refused" as const, object: "GET /api/patients/:patient", detail: { why } },
  }));

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  for (const name of ["Dr Many", "Dr Curious", "Dr Berta Invented", "Dr Glass", "Dr Taker"]) {
    people.set(name, auditNameOfStaff((await site.signIn(name, "doctor")).staff.id));
  }
  for (const name of ["Nina Night", "Quentin Quiet", "Victor Victim"]) {
    people.set(name, auditNameOfStaff((await site.signIn(name, "nurse")).staff.id));
  }
  for (let index = 0; index < 40; index += 1) {
    const id = randomUUID();
    const name = index === 0 ? "Ada Invented" : `Patient Number ${String(index)}`;
    await addPatient(world, { id, mrn: `MRN-${String(index)}`, name });
    patients.push(id);
  }
  const { staff } = await site.signIn("Dr Glass", "doctor");
  const wanted = { mrn: "MRN-3", reason: "Found unconscious in the corridor" };
  await site.access.breakGlass(wanted, staff, "test");
  const night = MONDAY + 23 * HOUR_MS;
  await note([
    ...looks("Dr Many", 31),
    ...looks("Dr Many", 31),
    ...looks("Nina Night", 6, { at: night }),
    ...looks("Nina Night", 11, { at: MONDAY + 5 * HOUR_MS }),
    ...looks("Quentin Quiet", 2),
    ...looks("Quentin Quiet", 40, { object: "worklist" }),
    ...looks("Quentin Quiet", 40, { object: "live", at: night }),
    ...looks("Dr Berta Invented", 1),
    ...looks("Dr Taker", 3, { object: "evidence-file" }),
    ...refusals("Dr Curious", 3, "relation"),
    ...refusals("Dr Curious", 1, "patient-unknown"),
    ...refusals("Dr Curious", 1, "not-of-patient"),
    ...refusals("Quentin Quiet", 9, "step-up"),
    ...[4, undefined].map((count) => ({
      ...{ at: MONDAY + HOUR_MS, event: "staff.log-in-refused", actor: "anybody" },
      ...{ object: actorOf("Victor Victim"), outcome: "refused" as const },
      ...(count === undefined ? {} : { detail: { count } }),
    })),
    {
      ...{ at: MONDAY + HOUR_MS, event: "staff.log-in-refused", actor: "anybody" },
      ...{ object: "POST /api/log-in/password", outcome: "refused" as const },
    },
    // The last moment of the week, and the first that is not of it.
    ...looks("operator", 1, { at: MONDAY + WEEK_MS - 1 }),
    ...looks("operator", 2, { at: MONDAY + WEEK_MS }),
  ]);
  world.clock.skewWall(WEEK_MS);
});

beforeEach(async () => {
  officer = await site.signIn("Otto Officer", "privacy-officer");
});

afterAll(() => world.close());

const ask = (week?: string) =>
  site.ask({ url: `/api/activity${week === undefined ? "" : `?week=${week}`}` }, officer);
const read = async (week = FIRST) => (await ask(week)).json<Activity>();
const behind = (name: string, figure: ActivityFigure, week = FIRST) =>
  site.ask(
    {
      ...{ method: "POST", url: "/api/activity/entries" },
      payload: { week, actor: actorOf(name), figure },
    },
    officer,
  );
const review = (week: string, text = NOTE) =>
  site.ask(
    { method: "POST", url: "/api/activity/reviews", payload: { week, note: text } },
    officer,
  );
const outstanding = ({ figures }: PersonActivity) =>
  Object.entries(figures).flatMap(([figure, { count, limit }]) => (count > limit ? [figure] : []));

const STAND_OUT = [
  ["Dr Many", "records", 31, 62],
  ["Nina Night", "night", 11, 17],
  ["Dr Glass", "emergencies", 1, 1],
  ["Dr Curious", "no-relation", 5, 5],
  ["Dr Berta Invented", "same-name", 1, 1],
  ["Dr Taker", "exports", 3, 3],
  ["Victor Victim", "log-ins", 5, 2],
] as const;

describe("a week's activity [HS-308a1D, HS-308a5C]", () => {
  it("says who stands out and in what, and of the others that they do not", async () => {
    const { people: shown, openReviews } = await read();
    const found = Object.fromEntries(shown.map((one) => [one.name ?? one.actor, outstanding(one)]));
    expect(found).toMatchObject({
      ...Object.fromEntries(STAND_OUT.map(([name, figure]) => [name, [figure]])),
      "Quentin Quiet": [],
      operator: [],
      anybody: [],
    });
    expect(openReviews).toBe(1);
    const quiet = shown.find(({ name }) => name === "Quentin Quiet");
    expect(quiet?.figures).toMatchObject({ records: { count: 2 }, night: { count: 0 } });
  });

  it.each(STAND_OUT)(
    "shows the entries behind a figure: %s, %s",
    async (name, figure, count, entries) => {
      const { people: shown } = await read();
      const person = shown.find((one) => one.name === name);
      expect(person?.figures[figure].count).toBe(count);
      const answer = (await behind(name, figure)).json<AuditLines>();
      expect(answer.entries).toHaveLength(Math.min(entries, 50));
      expect(answer.more).toBe(entries > 50);
      const about = new Set(answer.entries.map((entry) => entry.object));
      expect(about.has("worklist")).toBe(false);
    },
  );

  it("shows failed log-ins to no account there is under nobody's name", async () => {
    const { people: shown } = await read();
    const nobody = shown.find(({ actor }) => actor === "anybody");
    expect(nobody?.figures["log-ins"].count).toBe(1);
    const { entries } = (await behind("anybody", "log-ins")).json<AuditLines>();
    expect(entries.map(({ event, name }) => [event, name])).toEqual([
      ["staff.log-in-refused", undefined],
    ]);
  });

  it("begins on Monday at midnight of the hospital's own time", async () => {
    const { from, to, timeZone } = await read();
    expect([from, to, timeZone]).toEqual([MONDAY, MONDAY + WEEK_MS, "Europe/Berlin"]);
    const countOf = async (week: string) =>
      (await read(week)).people.find(({ actor }) => actor === "operator")?.figures.records.count;
    expect([await countOf(FIRST), await countOf(SECOND)]).toEqual([1, 2]);
  });

  it("names nobody's record, and is noted", async () => {
    const entries = await entriesOf(world, async () => {
      expect((await ask(FIRST)).body).not.toMatch(/MRN-|Ada Invented|Patient Number/);
    });
    const actor = auditNameOfStaff(officer.staff.id);
    expect(entries).toMatchObject([
      { event: "activity.shown", actor, subject: null, object: `week:${FIRST}` },
    ]);
  });

  it("notes each patient whose number stands behind a figure, before it is shown", async () => {
    const entries = await entriesOf(world, () => behind("Dr Taker", "exports"));
    expect(entries.map(({ event, object }) => [event, object])).toEqual([
      ["audit.searched", `week:${FIRST}`],
      ...Array.from({ length: 3 }, () => ["data.disclosed", "audit"]),
    ]);
  });

  it.each(["2026-01-06", "2025-12-29", "2027-01-04", "2026-13-01"])(
    "is there for no other day and no other time: %s",
    async (week) => {
      expect((await ask(week)).status).toBe(404);
      expect((await behind("Dr Many", "records", week)).status).toBe(404);
      expect((await review(week)).status).toBe(404);
    },
  );
});

describe("what a figure stands on [HS-308a1D]", () => {
  const at = MONDAY + WEEK_MS + 1;
  const MOST = 1000;
  const signUp = async (name: string) => {
    people.set(name, auditNameOfStaff((await site.signIn(name, "nurse")).staff.id));
  };
  const refuse = (name: string, count: number, why: string, later = 0) =>
    note(refusals(name, count, why).map((one) => ({ ...one, at: at + later })));
  const countOf = async (name: string, figure: ActivityFigure) => {
    const { people: shown } = await read(SECOND);
    return shown.find((one) => one.name === name)?.figures[figure].count ?? 0;
  };
  const listBehind = async (name: string, figure: ActivityFigure) =>
    (await behind(name, figure, SECOND)).json<AuditLines>();

  it("is of so many refusals what they say, and any that are beyond it count", async () => {
    await signUp("Fiona Flood");
    await refuse("Fiona Flood", MOST, "step-up");
    expect(await countOf("Fiona Flood", "no-relation")).toBe(0);
    expect((await listBehind("Fiona Flood", "no-relation")).entries).toEqual([]);
    await refuse("Fiona Flood", 5, "step-up", 1);
    expect(await countOf("Fiona Flood", "no-relation")).toBe(5);
    const { entries, more } = await listBehind("Fiona Flood", "no-relation");
    expect(entries.map((entry) => entry.at)).toEqual(Array.from({ length: 5 }, () => at + 1));
    expect(more).toBe(false);
  });

  it("is of any number of failed log-ins at least how many entries there are", async () => {
    await signUp("Tess Target");
    const entry = {
      ...{ at, event: "staff.log-in-refused", actor: "anybody", outcome: "refused" as const },
      ...{ object: actorOf("Tess Target"), detail: { count: 2 } },
    };
    await note(Array.from({ length: MOST + 1 }, () => entry));
    expect(await countOf("Tess Target", "log-ins")).toBe(2 * MOST + 1);
    expect((await listBehind("Tess Target", "log-ins")).more).toBe(true);
  });

  it("is not made smaller by taking the details of refusals away", async () => {
    await signUp("Tilda Tries");
    await refuse("Tilda Tries", 6, "relation");
    await world.tamper(
      "DELETE FROM audit_details WHERE event_id IN (SELECT id FROM audit_events WHERE actor = $1)",
      [actorOf("Tilda Tries")],
    );
    expect(await countOf("Tilda Tries", "no-relation")).toBe(6);
    expect((await listBehind("Tilda Tries", "no-relation")).entries).toHaveLength(6);
  });

  it("counts refusals that were altered, whatever they say now", async () => {
    await signUp("Alma Altered");
    await refuse("Alma Altered", 6, "step-up");
    expect(await countOf("Alma Altered", "no-relation")).toBe(0);
    await world.tamper("UPDATE audit_events SET object = 'another' WHERE actor = $1 AND at = $2", [
      actorOf("Alma Altered"),
      at,
    ]);
    expect(await countOf("Alma Altered", "no-relation")).toBe(6);
    const { entries } = await listBehind("Alma Altered", "no-relation");
    expect(entries.map(({ log }) => log.state)).toEqual(Array.from(entries, () => "altered"));
    expect(entries).toHaveLength(6);
  });
});

describe("the review of a week [HS-308a1D, HS-316b1]", () => {
  const DAY_MS = 24 * HOUR_MS;

  it("is refused before the week is over, and without a word", async () => {
    expect((await read(SECOND)).state).toBe("running");
    expect((await review(SECOND)).status).toBe(409);
    expect((await review(FIRST, `   short        `)).status).toBe(400);
    expect((await read()).state).toBe("open");
  });

  it("is due first for the oldest week that nobody has reviewed", async () => {
    expect((await ask()).json<Activity>().week).toBe(FIRST);
  });

  it("is written once, with who wrote it and when, is on record, and is not changed", async () => {
    const entries = await entriesOf(world, async () => {
      expect((await review(FIRST)).status).toBe(204);
    });
    const actor = auditNameOfStaff(officer.staff.id);
    expect(entries).toMatchObject([
      { event: "activity.reviewed", actor, object: `week:${FIRST}`, outcome: "done" },
    ]);
    world.clock.skewWall(1000);
    expect((await review(FIRST, "Something else altogether")).status).toBe(409);
    const shown = await read();
    const at = world.clock.now() - 1000;
    const standingOut = STAND_OUT.length;
    expect(shown).toMatchObject({
      state: "reviewed",
      review: { at, by: "Otto Officer", note: NOTE, standingOut },
    });
    expect((await ask()).json<Activity>().week).toBe(SECOND);
  });

  it("cannot be changed or taken back by the service itself (SR-64)", async () => {
    const change = "UPDATE activity_reviews SET reviewed_at = 1";
    await expect(world.database.query(change)).rejects.toThrow("permission denied");
    const remove = "DELETE FROM activity_reviews";
    await expect(world.database.query(remove)).rejects.toThrow("permission denied");
  });

  it("keeps what it found, while what comes in late counts", async () => {
    await note(looks("Quentin Quiet", 11, { at: MONDAY + DAY_MS - HOUR_MS }));
    const { people: shown, review: found } = await read();
    expect(found?.standingOut).toBe(STAND_OUT.length);
    expect(shown.filter((one) => outstanding(one).length > 0)).toHaveLength(STAND_OUT.length + 1);
  });

  it("says nothing once somebody has dated it back, is found so, and can be written anew", async () => {
    await world.tamper("UPDATE activity_reviews SET reviewed_at = reviewed_at - 1000");
    const altered = await read();
    expect(altered.state).toBe("altered");
    expect(altered.review).toBeUndefined();
    expect(altered.weeks.find(({ week }) => week === FIRST)?.state).toBe("altered");
    const sweep = grantingTables(world).find(({ name }) => name === "activity_reviews");
    const { rows } = await world.database.query("SELECT * FROM activity_reviews");
    expect(() => rows.map((row) => sweep?.look(row))).toThrow("activity_reviews");
    expect((await review(FIRST)).status).toBe(204);
    expect((await read()).review?.at).toBe(world.clock.now());
  });
});
