import { randomUUID } from "node:crypto";
import type {
  PatientDetail,
  QuarantineEntries,
  QuarantineSummary,
  Readings,
  Summary,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { silentLogger } from "@siphms/server-kit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCheck } from "../check/index.ts";
import { createSummaryJob } from "../summaries/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import {
  addDevice,
  addPatient,
  bindDevice,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
  type TestBatch,
  type TestDevice,
} from "../testing/hospital-world.ts";

const HOUR = 3_600_000;
const WHY = "Seen on the ward's monitor as well";
const DOCTOR = "Dr. Deciding";

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: TestPerson;
let patient: string;
let phone: TestDevice;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});
afterAll(() => world.close());

beforeEach(async () => {
  doctor = await site.signIn(DOCTOR, "doctor");
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: patient });
  await putInCare(world, DOCTOR, patient);
  phone = await bind(patient, true);
});

const bind = (patientId: string, isConfirmed: boolean): Promise<TestDevice> => {
  if (!isConfirmed) return addDevice(world, patientId);
  const confirmed = { confirmedAt: world.clock.now(), confirmedBy: "operator" };
  return bindDevice(world, patientId, { state: "active", ...confirmed });
};

interface Item {
  readonly device: string;
  readonly messageId: string;
  readonly reason: string;
}

/** Three heart rates of four hours ago, the middle one of them in quarantine unless it is said otherwise. */
const store = async (more: Partial<TestBatch> = {}, from = phone): Promise<Item> => {
  const receivedAt = world.clock.now() - 4 * HOUR;
  const series = [
    { kind: 1, start: receivedAt, step: 1000, values: [70, 310, 72], origin: 0 },
  ] as const;
  const quarantined =
    more.reason === undefined ? { quarantined: [[0, 1, "out-of-range"]] as const } : {};
  const messageId = await storeBatch(world, from, { receivedAt, series, ...quarantined, ...more });
  return {
    device: toBase64Url(from.device.kid),
    messageId: toBase64Url(messageId),
    reason: more.reason ?? "out-of-range",
  };
};

const get = async <T>(part: string): Promise<T> => {
  const answer = await site.ask({ url: `/api/patients/${patient}${part}` }, doctor);
  expect([part, answer.status]).toEqual([part, 200]);
  return answer.json<T>();
};
const entries = (state: "decided" | "held") =>
  get<QuarantineEntries>(`/quarantine/entries?state=${state}`);
const readings = () => get<Readings>("/readings?from=0&to=9000000000000");
const hours = () => get<Summary>("/summary?from=0&to=9000000000000&span=hour");
const decide = (items: readonly Item[], decision: "rejected" | "released", why = WHY) =>
  site.ask(
    {
      method: "POST",
      url: `/api/patients/${patient}/quarantine/decisions`,
      payload: { items, decision, why },
    },
    doctor,
  );
const release = async (...items: readonly Item[]) => {
  expect((await decide(items, "released")).status).toBe(204);
};
const check = () =>
  runCheck({
    ...world,
    kek: { kind: "command", program: "true", arguments: [] },
    dataFolder: "/nonexistent",
  });

describe("the quarantine", () => {
  it("is listed with its values, why they stand there and when they came", async () => {
    const item = await store();
    const noted = await entriesOf(world, () => entries("held"));
    expect(noted).toMatchObject([{ event: "data.disclosed", object: "quarantine" }]);
    expect(await entries("held")).toMatchObject({
      entries: [{ ...item, samples: 1, runs: [{ state: "quarantined", values: [310] }] }],
      more: false,
    });
    expect(await entries("decided")).toEqual({ entries: [], more: false });
  });

  it("says what is behind a full list", async () => {
    for (let count = 0; count < 101; count++) await store();
    const { entries: listed, more } = await entries("held");
    expect([listed.length, more]).toEqual([100, true]);
  });
});

describe("a release", () => {
  it("lets the values count, marked with who and why, and changes nothing that was signed [HS-312c1]", async () => {
    const item = await store();
    const rows = () =>
      world.database.query("SELECT sealed, answer FROM batches WHERE patient_id = $1", [patient]);
    const before = (await rows()).rows[0];
    await release(item);
    const after = (await rows()).rows[0];
    expect(after?.bytes("sealed")).toEqual(before?.bytes("sealed"));
    expect(after?.bytes("answer")).toEqual(before?.bytes("answer"));
    const decision = { kind: "released", at: world.clock.now(), by: DOCTOR, why: WHY };
    expect((await readings()).runs).toMatchObject([
      { state: "stored", values: [70] },
      { state: "stored", reason: "out-of-range", values: [310], decision },
      { state: "stored", values: [72] },
    ]);
    expect((await get<QuarantineSummary>("/quarantine")).total).toBe(0);
    expect((await entries("held")).entries).toEqual([]);
    expect((await entries("decided")).entries).toMatchObject([{ ...item, decision }]);
  });

  it("says of each whether it was late, which nobody had noted", async () => {
    const start = world.clock.now() - 6 * HOUR;
    const series = [{ kind: 1, start, step: 1000, values: [70, 310], origin: 0 }] as const;
    await release(await store({ series, quarantined: [[0, 1, "out-of-range"]] }));
    const { runs } = await readings();
    expect(runs.find(({ decision }) => decision !== undefined)?.state).toBe("late");
  });

  it("makes the newest of them the latest value, of a message too of which nothing was good", async () => {
    await store();
    const now = world.clock.now() - 2 * HOUR;
    const series = [{ kind: 1, start: now, step: 0, values: [65], origin: 0 }] as const;
    const item = await store({ series, receivedAt: now, reason: "clock" });
    const latest = async () => (await get<PatientDetail>("")).latest;
    expect(await latest()).toMatchObject([{ value: 72 }]);
    await release(item);
    expect(await latest()).toMatchObject([{ value: 65, released: true }]);
    expect((await get<PatientDetail>("")).quarantinedSamples).toBe(1);
  });

  it("is in the summaries at once and after they are made", async () => {
    const item = await store();
    const job = createSummaryJob({ ...world, log: silentLogger, pause: () => Promise.resolve() });
    await job.run();
    expect((await hours()).series).toMatchObject([{ count: [2], max: [72], quarantined: [1] }]);
    await release(item);
    expect((await hours()).series).toMatchObject([{ count: [3], max: [310], quarantined: [0] }]);
    await job.run();
    expect((await hours()).series).toMatchObject([{ count: [3], max: [310], quarantined: [0] }]);
    expect((await decide([item], "rejected")).status).toBe(204);
    await job.run();
    expect((await hours()).series).toMatchObject([{ count: [2], max: [72], quarantined: [1] }]);
  });

  it("stands in the audit log, item by item, without what was typed [HS-312b]", async () => {
    const items = [await store(), await store()];
    const noted = await entriesOf(world, () => release(...items));
    expect(noted).toMatchObject(
      items.map(() => ({
        ...{ event: "quarantine.decided", subject: patient, outcome: "done" },
        actor: `staff:${String(doctor.staff.id)}`,
      })),
    );
    expect(JSON.stringify(noted)).not.toContain("monitor");
  });

  it("can be taken back", async () => {
    const item = await store();
    await release(item);
    expect((await decide([item], "rejected")).status).toBe(204);
    expect((await readings()).runs[1]).toMatchObject({
      ...{ state: "quarantined", values: [310], decision: { kind: "rejected", by: DOCTOR } },
    });
    // Rejected is decided: nobody is asked again.
    expect((await get<QuarantineSummary>("/quarantine")).total).toBe(0);
  });
});

describe("a release is refused", () => {
  it.each([
    ["a reason of spaces", " ".repeat(20), 400],
    ["a reason that says nothing", "ok", 400],
  ])("for %s", async (_what, why, status) => {
    const item = await store();
    expect((await decide([item], "released", why)).status).toBe(status);
    expect((await entries("held")).entries).toHaveLength(1);
  });

  const refuse = async (items: readonly Item[], detail: RegExp) => {
    const answer = await decide(items, "released");
    expect(answer.status).toBe(409);
    expect(answer.body).toMatch(detail);
    expect((await entries("decided")).entries).toEqual([]);
  };

  it("of a device that nobody ever confirmed: it may be anybody's", async () => {
    const item = await store({ reason: "binding-pending" }, await bind(patient, false));
    expect((await entries("held")).entries).toMatchObject([
      { unreleasable: "binding-unconfirmed" },
    ]);
    await refuse([item], /Nobody ever confirmed/);
    expect((await decide([item], "rejected")).status).toBe(204);
  });

  it("of a time that is still ahead", async () => {
    const start = world.clock.now() + HOUR;
    const series = [{ kind: 1, start, step: 0, values: [70], origin: 0 }] as const;
    const item = await store({ series, reason: "clock" });
    expect((await entries("held")).entries).toMatchObject([{ unreleasable: "time-ahead" }]);
    await refuse([item], /still ahead/);
  });

  it.each([
    ["no chart could hold", 1, 65_536],
    ["is below nothing", 5, -1],
    ["is no level of consciousness", 9, 5],
  ] as const)("of a value that %s", async (_what, kind, value) => {
    const start = world.clock.now() - HOUR;
    const series = [{ kind, start, step: 0, values: [value], origin: 0 }] as const;
    await refuse([await store({ series, reason: "clock" })], /no chart can show/);
  });

  it("for all where one cannot be released, or is none", async () => {
    const good = await store();
    const pending = await store({ reason: "binding-pending" }, await bind(patient, false));
    await refuse([good, pending], /Nobody ever confirmed/);
    await refuse([good, { ...good, reason: "clock" }], /Nothing was decided/);
    await refuse([good, { ...good, messageId: "A".repeat(22) }], /Nothing was decided/);
    await refuse([good, { ...good, device: "A".repeat(11) }], /Nothing was decided/);
  });

  it("of what is another patient's, though the same doctor has that one in care (SR-23)", async () => {
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    await putInCare(world, DOCTOR, other);
    await refuse([await store({}, await bind(other, true))], /Nothing was decided/);
  });
});

describe("a decision that somebody has changed in the database (SR-26)", () => {
  const isReleased = async () =>
    (await readings()).runs.some(({ decision }) => decision?.kind === "released");

  it.each([
    ["who", "UPDATE quarantine_decisions SET decided_by = 'staff:999' WHERE patient_id = $1"],
    [
      "why",
      "UPDATE quarantine_decisions SET why = set_byte(why, 20, get_byte(why, 20) # 1) WHERE patient_id = $1",
    ],
    ["when", "UPDATE quarantine_decisions SET decided_at = 1 WHERE patient_id = $1"],
    ["what", "UPDATE quarantine_decisions SET reason = 'clock' WHERE patient_id = $1"],
    ["which version", "UPDATE quarantine_decisions SET version = 9 WHERE patient_id = $1"],
  ])("releases nothing any more, and is reported: %s", async (_what, sql) => {
    await release(await store());
    expect(await isReleased()).toBe(true);
    await world.tamper(sql, [patient]);
    expect(await isReleased()).toBe(false);
    expect((await get<QuarantineSummary>("/quarantine")).total).toBe(1);
    const { findings } = await check();
    expect(findings.map((finding) => finding.check)).toContain("quarantine_decisions");
    await world.tamper("DELETE FROM quarantine_decisions WHERE patient_id = $1", [patient]);
  });

  it("does not turn a rejection into a release", async () => {
    const item = await store();
    expect((await decide([item], "rejected")).status).toBe(204);
    await world.tamper("UPDATE quarantine_decisions SET kind = 'released' WHERE patient_id = $1", [
      patient,
    ]);
    expect(await isReleased()).toBe(false);
    await world.tamper("DELETE FROM quarantine_decisions WHERE patient_id = $1", [patient]);
  });

  it("is reported where it was taken away, or put back to what it was before", async () => {
    const item = await store();
    await release(item);
    await world.tamper(
      "CREATE TABLE kept AS SELECT * FROM quarantine_decisions WHERE patient_id = $1",
      [patient],
    );
    const own = async () => {
      const { findings } = await check();
      return findings.filter(
        ({ check: name, subject }) => name === "decisions" && subject.endsWith(hexOf(item)),
      );
    };
    expect(await own()).toEqual([]);
    expect((await decide([item], "rejected")).status).toBe(204);
    expect(await own()).toEqual([]);
    await world.tamper("DELETE FROM quarantine_decisions WHERE patient_id = $1", [patient]);
    expect(await own()).toMatchObject([{ detail: expect.stringContaining("gone") as string }]);
    await world.tamper("INSERT INTO quarantine_decisions SELECT * FROM kept");
    expect(await own()).toMatchObject([{ detail: expect.stringContaining("later") as string }]);
    await world.tamper("DROP TABLE kept");
  });
});

/** How the end of the audit log's name for an item reads. */
const hexOf = ({ messageId, reason }: Item): string =>
  `${Buffer.from(messageId, "base64url").toString("hex")}/${reason}`;
