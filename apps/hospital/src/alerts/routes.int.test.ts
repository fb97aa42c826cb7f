import { alertHistorySchema, alertListSchema, parseApi, type ApiAlert } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import { createAlertScene, hearts, RACING, type AlertScene } from "../testing/alert-scene.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";

const MINUTE = 60_000;

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: TestPerson;
let nurse: TestPerson;
let administrator: TestPerson;
let own: AlertScene;
let foreign: AlertScene;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.clock.advance(MINUTE);
  doctor = await site.signIn("Dr. One", "doctor");
  nurse = await site.signIn("Nurse Two", "nurse");
  administrator = await site.signIn("Ada Min", "administrator");
  own = await createAlertScene(world, site.alerts);
  foreign = await createAlertScene(world, site.alerts);
  for (const { staff } of [doctor, nurse]) await putInCare(world, staff.name, own.patientId);
});

async function raise(scene: AlertScene): Promise<ApiAlert> {
  await scene.heart(140);
  await site.alerts.job.run();
  const alert = (await scene.open())[RACING];
  if (alert === undefined) throw new Error("nothing was raised");
  return alert;
}

const post = (url: string, payload: object, person: TestPerson) =>
  site.ask({ method: "POST", url, payload }, person);
const urlOf = ({ patientId }: AlertScene, part: string): string =>
  `/api/patients/${patientId}/alerts${part}`;

async function standsOf(person: TestPerson) {
  const answer = await site.ask({ url: "/api/alerts" }, person);
  expect(answer.status).toBe(200);
  return parseApi(alertListSchema, answer.json()).stands;
}

async function historyOf(scene: AlertScene, query = "") {
  const answer = await site.ask({ url: urlOf(scene, query) }, doctor);
  expect(answer.status).toBe(200);
  return parseApi(alertHistorySchema, answer.json());
}

describe("how alerts stand (SR-66)", () => {
  it("is shown of every patient in the person's sight, and of nobody else", async () => {
    await raise(foreign);
    const { id } = await raise(own);
    const quiet = await createAlertScene(world, site.alerts);
    await putInCare(world, doctor.staff.name, quiet.patientId);
    const stands = await standsOf(doctor);
    expect(stands[own.patientId]?.open.map((alert) => alert.id)).toEqual([id]);
    expect(stands[own.patientId]?.news2).toMatchObject({ total: 3, band: null });
    expect(stands[quiet.patientId]).toEqual({ open: [], news2: null });
    expect(stands).not.toHaveProperty(foreign.patientId);
  });

  it("says who was told, as those who have the patient in their care are", async () => {
    await raise(own);
    const [alert] = (await standsOf(nurse))[own.patientId]?.open ?? [];
    expect(alert?.told.map(({ to, way, state }) => [to, way, state]).sort()).toEqual([
      ["Dr. One", "console", "waiting"],
      ["Nurse Two", "console", "waiting"],
    ]);
  });

  it("is on record as a look at each patient", async () => {
    const entries = await entriesOf(world, () => standsOf(doctor));
    expect(entries.filter(({ subject }) => subject === own.patientId)).toMatchObject([
      { event: "data.disclosed", object: "alerts", purpose: "treatment" },
    ]);
  });

  it("leaves out an alert that was altered, and shows the others", async () => {
    const { id } = await raise(own);
    await own.store({ ...hearts(world.clock.now(), 880), kind: 3 });
    await site.alerts.job.run();
    await world.tamper("UPDATE alerts SET level = 'warn' WHERE id = $1", [id]);
    const open = (await standsOf(doctor))[own.patientId]?.open ?? [];
    expect(open.map(({ rule }) => rule)).toEqual(["limit:spo2:value:low", "news2"]);
  });

  it("is shown to no administrator", async () => {
    expect((await site.ask({ url: "/api/alerts" }, administrator)).status).toBe(403);
  });
});

describe("acknowledging", () => {
  it("says who and when, and is refused to whoever comes second", async () => {
    const { id } = await raise(own);
    const answer = await post(urlOf(own, "/acknowledge"), { alert: id, level: "urgent" }, doctor);
    expect(answer.status).toBe(204);
    expect((await own.open())[RACING]?.acknowledged).toEqual({
      by: "Dr. One",
      at: world.clock.now(),
    });
    const second = await post(urlOf(own, "/acknowledge"), { alert: id, level: "urgent" }, nurse);
    expect(second.status).toBe(409);
    expect((await own.open())[RACING]?.acknowledged?.by).toBe("Dr. One");
  });

  it("is on record with the rule and without a value", async () => {
    const { id } = await raise(own);
    const entries = await entriesOf(world, () =>
      post(urlOf(own, "/acknowledge"), { alert: id, level: "urgent" }, doctor),
    );
    expect(entries).toMatchObject([
      {
        ...{ event: "alert.acknowledged", actor: `staff:${String(doctor.staff.id)}` },
        ...{ subject: own.patientId, object: `alert:${id}`, outcome: "done" },
      },
    ]);
    expect(entries[0]?.detail).not.toContain("140");
  });

  it("does not count for what it has become meanwhile", async () => {
    const { id } = await raise(own);
    const answer = await post(urlOf(own, "/acknowledge"), { alert: id, level: "warn" }, doctor);
    expect(answer.status).toBe(409);
    expect((await own.open())[RACING]).not.toHaveProperty("acknowledged");
  });

  it.each(["acknowledge", "resolve"])(
    "takes no alert of another patient under the address of one's own: %s",
    async (act) => {
      const { id } = await raise(foreign);
      const payload =
        act === "resolve" ? { alert: id, note: "Not mine at all" } : { alert: id, level: "urgent" };
      let status = 0;
      const entries = await entriesOf(world, async () => {
        ({ status } = await post(urlOf(own, `/${act}`), payload, doctor));
      });
      expect(status).toBe(404);
      expect(entries).toMatchObject([
        { event: "access.refused", detail: '{"why": "not-of-patient"}' },
      ]);
      expect((await foreign.open())[RACING]).not.toHaveProperty("acknowledged");
    },
  );

  it("of another's patient is not found", async () => {
    const { id } = await raise(foreign);
    const answer = await post(
      urlOf(foreign, "/acknowledge"),
      { alert: id, level: "urgent" },
      doctor,
    );
    expect(answer.status).toBe(404);
    expect((await foreign.open())[RACING]).not.toHaveProperty("acknowledged");
  });

  it.each(["0", "-1", "1e3", "9".repeat(16), "", "x"])(
    "refuses an id that is none: %j",
    async (alert) => {
      const { status } = await post(urlOf(own, "/acknowledge"), { alert, level: "urgent" }, doctor);
      expect([400, 404]).toContain(status);
    },
  );
});

describe("resolving", () => {
  it("asks for a note, which is shown and stands nowhere in the clear", async () => {
    const { id } = await raise(own);
    const short = await post(urlOf(own, "/resolve"), { alert: id, note: " a   " }, doctor);
    expect(short.status).toBe(400);
    const note = "Ran up the stairs";
    expect((await post(urlOf(own, "/resolve"), { alert: id, note }, doctor)).status).toBe(204);
    expect((await historyOf(own)).alerts[0]?.resolved).toEqual({
      ...{ by: "Dr. One", at: world.clock.now(), note },
    });
    const dump = await world.database.query(
      `SELECT (SELECT string_agg(t::text, ' ') FROM alerts t)
         || (SELECT string_agg(t::text, ' ') FROM audit_events t) AS dump`,
    );
    const text = dump.rows[0]?.text("dump") ?? "";
    expect(text).not.toContain("stairs");
    expect(text).not.toContain(Buffer.from("stairs").toString("hex"));
  });

  it("is refused once it is resolved", async () => {
    const { id } = await raise(own);
    const payload = { alert: id, note: "Seen at the bedside" };
    await post(urlOf(own, "/resolve"), payload, doctor);
    expect((await post(urlOf(own, "/resolve"), payload, nurse)).status).toBe(409);
    expect(
      (await post(urlOf(own, "/acknowledge"), { alert: id, level: "urgent" }, nurse)).status,
    ).toBe(409);
  });
});

describe("a patient's history", () => {
  it("holds closed and late ones, newest first, page by page", async () => {
    for (let count = 0; count < 60; count++) {
      const at = world.clock.now() - (count + 20) * MINUTE;
      await own.store(hearts(at, 140), { late: true });
      await site.alerts.job.run();
    }
    await raise(own);
    const first = await historyOf(own);
    expect(first.alerts).toHaveLength(50);
    expect(first.alerts[0]?.late).toBe(false);
    const second = await historyOf(own, `?before=${first.next ?? ""}`);
    expect(second.alerts).toHaveLength(11);
    expect(second).not.toHaveProperty("next");
    const ids = [...first.alerts, ...second.alerts].map(({ id }) => Number(id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  });

  it("of another's patient is not found", async () => {
    expect((await site.ask({ url: urlOf(foreign, "") }, doctor)).status).toBe(404);
  });
});

describe("that an alert was on a screen", () => {
  it("is noted once for each person, shown, and makes the telling delivered", async () => {
    const { id } = await raise(own);
    const first = await entriesOf(world, () => post("/api/alerts/seen", { alerts: [id] }, doctor));
    expect(first).toMatchObject([{ event: "alert.seen", object: `alert:${id}` }]);
    const seenAt = world.clock.now();
    await world.clock.advance(MINUTE);
    const again = await entriesOf(world, () =>
      post("/api/alerts/seen", { alerts: [id, id] }, doctor),
    );
    expect(again).toEqual([]);
    const alert = (await own.open())[RACING];
    expect(alert?.seen).toEqual([{ by: "Dr. One", at: seenAt }]);
    const told = alert?.told.find(({ to }) => to === "Dr. One");
    expect(told).toMatchObject({ way: "console", state: "delivered" });
    expect(alert?.told.find(({ to }) => to === "Nurse Two")?.state).toBe("waiting");
  });

  it("is to be seen anew once its level has risen, and then nobody waits to be shown it", async () => {
    await own.heart(100, 101);
    await site.alerts.job.run();
    const id = (await own.open())[RACING]?.id ?? "";
    await post("/api/alerts/seen", { alerts: [id] }, doctor);
    await world.clock.advance(MINUTE);
    expect((await raise(own)).seen).toEqual([]);
    await post("/api/alerts/seen", { alerts: [id] }, doctor);
    const alert = (await own.open())[RACING];
    expect(alert?.seen).toEqual([{ by: "Dr. One", at: world.clock.now() }]);
    const told = alert?.told.filter(({ to }) => to === "Dr. One") ?? [];
    expect(told.map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  });

  it("settles what somebody was told again after they had seen it", async () => {
    const { id } = await raise(own);
    await post("/api/alerts/seen", { alerts: [id] }, doctor);
    await world.tamper(
      `UPDATE alert_tellings SET state = 'waiting', settled_at = NULL WHERE alert_id = $1 AND way = 'console'`,
      [id],
    );
    await post("/api/alerts/seen", { alerts: [id] }, doctor);
    const told = (await own.open())[RACING]?.told.find(({ to }) => to === "Dr. One");
    expect(told?.state).toBe("delivered");
  });

  it("counts for nobody whose patient it is not, and is on record", async () => {
    const { id } = await raise(foreign);
    let status = 0;
    const entries = await entriesOf(world, async () => {
      ({ status } = await post("/api/alerts/seen", { alerts: [id, "999999999"] }, doctor));
    });
    expect(status).toBe(204);
    expect(entries.map(({ event }) => event)).toEqual(["access.refused", "access.refused"]);
    expect((await foreign.open())[RACING]?.seen).toEqual([]);
  });
});

describe("the live event", () => {
  it("tells those who have the patient in their sight, and no administrator", async () => {
    const heard: string[] = [];
    const listen = (name: string, patients: readonly string[]) =>
      site.hub.subscribe(
        {
          ...{ sessionKey: name, staffId: 1, accessChanged: () => undefined, end: () => undefined },
          maySee: (to) => "patient" in to && patients.includes(to.patient),
          send: (event) => {
            if (event.name === "alert") heard.push(`${name} ${event.data}`);
          },
        },
        undefined,
      );
    const ends = [listen("doctor", [own.patientId]), listen("administrator", [])];
    const { id } = await raise(own);
    await site.alerts.settled();
    await post(urlOf(own, "/acknowledge"), { alert: id, level: "urgent" }, doctor);
    await site.alerts.settled();
    for (const end of ends) end();
    expect(heard).toHaveLength(2);
    expect(heard.every((text) => text.startsWith("doctor "))).toBe(true);
    expect(heard[0]).not.toContain("acknowledged");
    expect(heard[1]).toContain('"acknowledged":{"by":"Dr. One"');
  });
});
