import { randomUUID } from "node:crypto";
import { AUDIT_PAGE, type AuditLine, type AuditLines, type AuditSearch } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendAudit, createSequencer, type AuditEntry } from "../audit/index.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { putInCare } from "../testing/access-world.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import {
  addPatient,
  createHospitalWorld,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let officer: TestPerson;
let doctor: TestPerson;
/** In the doctor's care, and in nobody's; new for each test. */
let patient: { readonly id: string; readonly mrn: string };
let other: { readonly id: string; readonly mrn: string };
let from: number;

const newPatient = async () => {
  const made = { id: randomUUID(), mrn: `MRN ${randomUUID()}` };
  await addPatient(world, made);
  return made;
};

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});

beforeEach(async () => {
  // Each test's entries have a time of their own.
  world.clock.skewWall(60_000);
  from = world.clock.now();
  officer = await site.signIn("Otto Officer", "privacy-officer");
  doctor = await site.signIn("Dr Dora Doctor", "doctor");
  patient = await newPatient();
  other = await newPatient();
  await putInCare(world, "Dr Dora Doctor", patient.id);
  world.clock.skewWall(1000);
});

afterAll(() => world.close());

const ask = (more: Partial<AuditSearch> = {}, person = officer) =>
  site.ask(
    {
      method: "POST",
      url: "/api/audit/search",
      payload: { from, to: world.clock.now() + 1, ...more },
    },
    person,
  );
const search = async (more: Partial<AuditSearch> = {}) =>
  (await ask(more)).json<AuditLines>().entries;
const look = (id: string) => site.ask({ url: `/api/patients/${id}` }, doctor);
const note = (...entries: Partial<AuditEntry>[]) =>
  world.database.withTransaction((tx) =>
    appendAudit(
      tx,
      entries.map((entry) => ({
        ...{ at: world.clock.now(), event: "invented.event", actor: "hospital" },
        ...{ action: "execute", outcome: "done" },
        ...entry,
      })),
    ),
  );
const only = (entries: readonly AuditLine[]): AuditLine => {
  const [entry, ...more] = entries;
  if (entry === undefined || more.length > 0) throw new Error(`${entries.length} entries`);
  return entry;
};

describe("the audit search (SR-58) [HS-312b, HS-308a1D]", () => {
  it("says who saw what of a patient and why, by number and without a word of the record (SR-53)", async () => {
    await look(patient.id);
    const answer = await ask({ mrn: patient.mrn, event: "data.disclosed" });
    expect(only(answer.json<AuditLines>().entries)).toMatchObject({
      ...{ event: "data.disclosed", name: "Dr Dora Doctor", role: "doctor", object: "patient" },
      ...{ patient: { mrn: patient.mrn }, purpose: "treatment", outcome: "done", details: {} },
    });
    expect(answer.body).not.toContain("Ada Invented");
    expect(answer.body).not.toContain(patient.id);
  });

  it("says why something was refused, which stands sealed", async () => {
    await look(other.id);
    expect(only(await search({ outcome: "refused" }))).toMatchObject({
      ...{ event: "access.refused", object: "GET /api/patients/:patient", outcome: "refused" },
      ...{ patient: { mrn: other.mrn }, details: { why: "relation" } },
    });
  });

  it.each([
    ["earlier", () => ({ to: from })],
    ["later", () => ({ from: world.clock.now() + 1, to: world.clock.now() + 2 })],
    ["of another person", () => ({ actor: `staff:${String(officer.staff.id)}` })],
    ["of another event", () => ({ event: "access.break-glass" })],
    ["of another outcome", () => ({ outcome: "refused" as const })],
    ["of another patient", () => ({ mrn: other.mrn })],
  ])("leaves out what is %s", async (_title, more) => {
    await look(patient.id);
    const to = world.clock.now() + 1;
    const actor = `staff:${String(doctor.staff.id)}`;
    const about = { event: "data.disclosed", mrn: patient.mrn, outcome: "done" as const };
    const wanted = { ...about, actor, to };
    // The searches themselves come later.
    world.clock.skewWall(10);
    expect(await search(wanted)).toHaveLength(1);
    expect(await search({ ...wanted, ...more() })).toEqual([]);
  });

  it("gives each entry once over its pages, newest first, also where many have one time or came in late", async () => {
    const now = world.clock.now();
    const noted = Array.from({ length: 2 * AUDIT_PAGE + 3 }, (_, index) => ({
      object: String(index),
      at: now - (index % 2) * 500,
    }));
    await note(...noted);
    const late = noted.filter(({ at }) => at < now);
    const newestFirst = [...late, ...noted.filter(({ at }) => at === now)].reverse();
    const found: AuditLine[] = [];
    for (let before: AuditSearch["before"]; ;) {
      const answer = await ask({ event: "invented.event", ...(before ? { before } : {}) });
      const { entries, more } = answer.json<AuditLines>();
      found.push(...entries);
      const last = entries.at(-1);
      if (!more || last === undefined) break;
      before = { at: last.at, id: last.id };
    }
    expect(found.map(({ object }) => object)).toEqual(newestFirst.map(({ object }) => object));
  });

  it("leaves stored readings out, unless they are asked for of a patient", async () => {
    await note({ event: "readings.stored", subject: patient.id, object: "of the patient" });
    const events = async (more: Partial<AuditSearch>) =>
      (await search({ mrn: patient.mrn, ...more })).map(({ event }) => event);
    expect(await events({ event: "readings.stored" })).toEqual(["readings.stored"]);
    expect(await events({})).not.toContain("readings.stored");
    const refused = await ask({ event: "readings.stored" });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("Name the patient.");
  });

  it("names whom and what can be asked for", async () => {
    await note({});
    const answer = await site.ask({ url: "/api/audit/choices" }, officer);
    const { people, events } = answer.json<{
      people: { name: string; active: boolean }[];
      events: string[];
    }>();
    expect(people).toContainEqual({
      ...{ actor: `staff:${String(doctor.staff.id)}`, name: "Dr Dora Doctor" },
      ...{ role: "doctor", active: true },
    });
    expect(events).toContain("invented.event");
    expect(new Set(events).size).toBe(events.length);
    expect(events.filter((event) => event === "readings.stored")).toHaveLength(1);
  });

  it.each([
    ["an actor of another form", { actor: "staff:1' OR true --" }],
    ["an event of another form", { event: "data.disclosed; DROP" }],
    ["a place of another form", { before: { at: 1, id: "1 OR 1=1" } }],
    ["a member that there is not", { patient: "somebody" }],
  ])("takes no question with %s", async (_title, more) => {
    expect((await ask(more as Partial<AuditSearch>)).status).toBe(400);
  });
});

describe("a search in the audit log [HS-312b]", () => {
  it("is noted itself with whom it was about, and with each patient whom it showed", async () => {
    await look(patient.id);
    const entries = await entriesOf(world, () => search({ mrn: patient.mrn }));
    const subject = patient.id;
    const actor = `staff:${String(officer.staff.id)}`;
    expect(entries).toMatchObject([
      { event: "audit.searched", actor, subject, object: "search", outcome: "done" },
      { event: "data.disclosed", actor, subject, object: "audit", outcome: "done" },
    ]);
  });

  it("leaves a trace where it names nobody's number, and no word of the number", async () => {
    const entries = await entriesOf(world, async () => {
      expect((await ask({ mrn: "NOBODY-7" })).status).toBe(404);
    });
    expect(entries).toMatchObject([{ event: "access.refused", subject: null, outcome: "refused" }]);
    const { rows } = await world.database.query(
      "SELECT count(*) AS count FROM audit_events e WHERE e::text LIKE '%NOBODY-7%'",
    );
    expect(rows[0]?.number("count")).toBe(0);
  });

  it("shows nothing when it cannot be noted", async () => {
    await look(patient.id);
    const role = new URL(world.test.url).username;
    await world.tamper(`REVOKE INSERT ON audit_events FROM "${role}"`);
    try {
      const answer = await ask({ mrn: patient.mrn });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.body).not.toContain(patient.mrn);
    } finally {
      await world.tamper(`GRANT INSERT ON audit_events TO "${role}"`);
    }
  });

  it("finds entries about a patient who was erased, without a number", async () => {
    await look(patient.id);
    await world.tamper("DELETE FROM keystore.patient_keys WHERE patient_id = $1", [patient.id]);
    const restarted = await createConsoleWorld({ ...world, keyring: world.reopenKeyring() });
    const person = await restarted.signIn("Otto Officer", "privacy-officer");
    const payload = { from, to: world.clock.now() + 1, event: "data.disclosed" };
    const answer = await restarted.ask(
      { method: "POST", url: "/api/audit/search", payload },
      person,
    );
    expect(only(answer.json<AuditLines>().entries)).toMatchObject({
      ...{ name: "Dr Dora Doctor", patient: {} },
    });
    expect(answer.body).not.toContain(patient.mrn);
  });
});

describe("an entry that was found [HS-312b]", () => {
  const idOf = async () => Number(only(await search({ event: "invented.event" })).id);
  const stateOf = async () => only(await search({ event: "invented.event" }));

  it("says that it waits for the log, and then its place there", async () => {
    await note({ detail: { count: 3 } });
    expect(await stateOf()).toMatchObject({ log: { state: "waiting" }, details: { count: 3 } });
    await createSequencer({ ...world, log }).run();
    const { rows } = await world.database.query(
      "SELECT idx FROM audit_leaves WHERE event_id = $1",
      [await idOf()],
    );
    const index = rows[0]?.number("idx");
    expect(await stateOf()).toMatchObject({ log: { state: "logged", index } });
  });

  it("says that it is older than the log", async () => {
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, action, outcome, detail, entry)
       VALUES ($1, 'invented.event', 'operator', 'create', 'done', '{"count": 2}', '')`,
      [world.clock.now()],
    );
    expect(await stateOf()).toMatchObject({ log: { state: "before" }, details: { count: 2 } });
  });

  it.each([
    ["actor", "UPDATE audit_events SET actor = 'staff:99' WHERE id = $1"],
    ["time", "UPDATE audit_events SET at = at - 1 WHERE id = $1"],
    ["outcome", "UPDATE audit_events SET outcome = 'refused' WHERE id = $1"],
    ["object", "UPDATE audit_events SET object = 'another' WHERE id = $1"],
    ["role", "UPDATE audit_events SET role = 'nurse' WHERE id = $1"],
    ["purpose", "UPDATE audit_events SET purpose = 'treatment' WHERE id = $1"],
    ["patient", "UPDATE audit_events SET subject = NULL WHERE id = $1"],
    ["leaf", "UPDATE audit_events SET entry = '\\x00' WHERE id = $1"],
    ["sealed cell", "UPDATE audit_details SET sealed = sealed || '\\x00' WHERE event_id = $1"],
  ])("says that its %s was changed in the database, and hides no other", async (_title, sql) => {
    await note({ subject: patient.id, object: "one", purpose: "operations", detail: { count: 3 } });
    const id = await idOf();
    await note({ event: "invented.other" });
    await world.tamper(sql, [id]);
    from -= 1;
    const found = await search();
    expect(found.find((entry) => entry.id === String(id))).toMatchObject({
      ...{ log: { state: "altered" }, details: {} },
    });
    expect(found.filter(({ event }) => event.startsWith("invented."))).toHaveLength(2);
    expect(found.filter(({ log }) => log.state === "altered")).toHaveLength(1);
  });
});
