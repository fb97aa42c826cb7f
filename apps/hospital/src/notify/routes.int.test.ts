import { CONSOLE_PATHS, type CurrentEscalation, type PersonRole } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { createNotifyWorld } from "../testing/notify-world.ts";

const DOCTOR = "Dr. Asked";
const REASON = "Agreed on the round";
const STEP = { urgentAfterMinutes: 5, warnAfterMinutes: 30, to: [DOCTOR] };

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: TestPerson;
let administrator: TestPerson;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  doctor = await site.signIn(DOCTOR, "doctor");
  administrator = await site.signIn("Root", "administrator");
});

const put = (url: string, payload: object, person: TestPerson) =>
  site.ask({ method: "PUT", url, payload }, person);
const dump = async (table: string): Promise<string> => {
  const { rows } = await world.database.query(
    `SELECT coalesce(string_agg(t::text, ' '), '') AS dump FROM ${table} t`,
  );
  return rows[0]?.text("dump") ?? "";
};

describe("where somebody's alerts reach them", () => {
  it("is set and read by the person alone, and the address stands sealed and in no log", async () => {
    const email = "asked@hospital.example";
    const entries = await entriesOf(world, async () => {
      const answer = await put(CONSOLE_PATHS.contact, { email }, doctor);
      expect([answer.status, answer.json()]).toEqual([200, { email, works: false }]);
    });
    expect(entries).toMatchObject([
      { event: "contact.set", version: 1, detail: '{"email": true}' },
    ]);
    const other = await site.signIn("Nurse Other", "nurse");
    expect((await site.ask({ url: CONSOLE_PATHS.contact }, other)).json()).toEqual({
      ...{ email: null, works: false },
    });
    const stored = (await dump("staff_contacts")) + (await dump("audit_events"));
    expect(stored).not.toContain("asked@");
    expect(stored).not.toContain(Buffer.from("asked@").toString("hex"));
  });

  it.each([
    ["two addresses", "a@b.example,c@d.example"],
    ["an address with a name", "Nora <nora@b.example>"],
    ["a line break", "nora@b.example\nBcc: other@b.example"],
    ["a quoted part", '"a b"@b.example'],
    ["no host", "nora@"],
    ["no name", "@b.example"],
    ["a host that ends in a mark", "nora@b.example-"],
    ["nothing", ""],
  ])("is no address: %s", async (_name, email) => {
    const answer = await put(CONSOLE_PATHS.contact, { email }, doctor);
    expect([answer.status, answer.body.includes("nora")]).toEqual([400, false]);
  });
});

describe("who is told next", () => {
  const current = async () =>
    (await site.ask({ url: CONSOLE_PATHS.escalation }, administrator)).json<CurrentEscalation>();

  it("is set with a reason, which is shown with who set it; the audit log says that it was", async () => {
    const { version } = await current();
    const entries = await entriesOf(world, async () => {
      const answer = await put(
        CONSOLE_PATHS.escalation,
        { version, steps: [STEP], reason: REASON },
        administrator,
      );
      expect(answer.status).toBe(200);
    });
    expect(entries).toMatchObject([
      { event: "escalation.set", actor: `staff:${String(administrator.staff.id)}` },
    ]);
    expect(await current()).toEqual({
      ...{ version: version + 1, steps: [STEP], reason: REASON, setBy: "Root" },
      setAt: world.clock.now(),
    });
    expect(await dump("escalation_policies")).not.toContain(Buffer.from(REASON).toString("hex"));
  });

  it("is not set over what somebody else has set meanwhile", async () => {
    const { version } = await current();
    const body = { version, steps: [STEP], reason: REASON };
    const both = [0, 1].map(() => put(CONSOLE_PATHS.escalation, body, administrator));
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.toSorted((one, two) => one - two)).toEqual([200, 409]);
  });

  it.each<[string, PersonRole | undefined]>([
    ["an administrator", "administrator"],
    ["a privacy officer", "privacy-officer"],
    ["nobody", undefined],
  ])("names no one who cannot look after patients: %s", async (_name, role) => {
    const name = role === undefined ? "Dr. Nobody" : `Somebody in role ${role}`;
    if (role !== undefined) await site.signIn(name, role);
    const { version } = await current();
    const steps = [{ ...STEP, to: [DOCTOR, name] }];
    const answer = await put(
      CONSOLE_PATHS.escalation,
      { version, steps, reason: REASON },
      administrator,
    );
    expect([answer.status, (await current()).version]).toEqual([409, version]);
  });

  it.each([
    ["a step for nobody", { steps: [{ ...STEP, to: [] }] }],
    ["a step at once", { steps: [{ ...STEP, urgentAfterMinutes: 0 }] }],
    ["a step after more than a day", { steps: [{ ...STEP, warnAfterMinutes: 1441 }] }],
    ["six steps", { steps: Array.from({ length: 6 }, () => STEP) }],
    ["a short reason", { reason: "Because" }],
  ])("is not: %s", async (_name, more) => {
    const { version } = await current();
    const body = { version, steps: [STEP], reason: REASON, ...more };
    expect((await put(CONSOLE_PATHS.escalation, body, administrator)).status).toBe(400);
  });

  it("can name doctors and nurses who are active, and no others", async () => {
    await site.signIn("Nurse Gone", "nurse");
    await site.desk.disable("Nurse Gone");
    const answer = await site.ask({ url: CONSOLE_PATHS.escalationPeople }, administrator);
    const { people } = answer.json<{ people: { name: string; role: string }[] }>();
    expect(people).toContainEqual({ name: DOCTOR, role: "doctor" });
    expect(people.map(({ name }) => name)).not.toContain("Nurse Gone");
    expect(people.map(({ role }) => role)).not.toContain("administrator");
  });
});

describe("system alerts", () => {
  const list = async () =>
    (await site.ask({ url: CONSOLE_PATHS.systemAlerts }, administrator)).json<{
      alerts: { id: string }[];
    }>().alerts;
  const close = (alert: string) =>
    site.ask(
      { method: "POST", url: CONSOLE_PATHS.acknowledgeSystemAlert, payload: { alert } },
      administrator,
    );

  it("are listed newest first and closed once, on record", async () => {
    const { notifier } = createNotifyWorld(world);
    const raise = (reason: string) =>
      world.database.withTransaction((tx) =>
        notifier.systemFault(tx, { what: "evaluation-failed", reason }),
      );
    await raise("first");
    world.clock.skewWall(1);
    await raise("second");
    const at = world.clock.now();
    const alerts = await list();
    expect(alerts).toMatchObject([
      { what: "evaluation-failed", reason: "second", count: 1, first: at, last: at },
      { reason: "first" },
    ]);
    const id = alerts[0]?.id ?? "";
    const entries = await entriesOf(world, async () => {
      expect((await close(id)).status).toBe(204);
    });
    expect(entries).toMatchObject([
      { event: "system-alert.acknowledged", object: `system-alert:${id}` },
    ]);
    expect(await list()).toHaveLength(1);
    expect((await close(id)).status).toBe(404);
  });

  it.each([
    ["0", 404],
    ["999999", 404],
    ["999999999999999", 404],
    ["9999999999999999", 400],
    ["1e3", 400],
    ["", 400],
  ])("has none of number %s", async (id, status) => {
    expect((await close(id)).status).toBe(status);
  });
});
