import { randomUUID } from "node:crypto";
import { SESSION_COOKIE, type PersonRole, type Summary } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import { createConsoleWorld, type ConsoleWorld } from "../testing/console-world.ts";
import {
  CONSOLE_ORIGIN,
  createHospitalWorld,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import { createSummaryScene, DAY, heartRate, HOUR } from "../testing/summary-scene.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: string;
let day: number;
let path: string;

const signIn = async (role: PersonRole): Promise<string> =>
  (await site.signIn(`Somebody in role ${role}`, role)).token;

beforeAll(async () => {
  world = await createHospitalWorld();
  const scene = await createSummaryScene(world);
  ({ day } = scene);
  path = `/api/patients/${scene.patient.id}/summary`;
  await scene.store({ series: [heartRate(day + HOUR, [70, 72])] });
  await scene.store({ series: [heartRate(world.clock.now(), [80])] });
  await scene.job.run();
  site = await createConsoleWorld(world);
  for (const role of ["doctor", "nurse"] as const) {
    await signIn(role);
    await putInCare(world, `Somebody in role ${role}`, scene.patient.id);
  }
  doctor = await signIn("doctor");
});

afterAll(() => world.close());

const get = (url: string, token?: string) =>
  site.server.inject({
    url,
    headers: { host: new URL(CONSOLE_ORIGIN).host },
    ...(token === undefined ? {} : { cookies: { [SESSION_COOKIE]: token } }),
  });

const range = () => `from=${day}&to=${day + 2 * DAY}`;

const looks = async () => {
  const { rows } = await world.database.query(
    "SELECT count(*) AS looks FROM audit_events WHERE event = 'data.disclosed' AND object = 'summary'",
  );
  return rows[0]?.number("looks") ?? 0;
};

describe("a patient's summary", () => {
  it("is shown to doctors and nurses, and noted each time", async () => {
    const before = await looks();
    for (const token of [doctor, await signIn("nurse")]) {
      const answer = await get(`${path}?${range()}&span=hour`, token);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers["cache-control"]).toBe("no-store");
      const { span, series } = answer.json<Summary>();
      expect(span).toBe("hour");
      expect(series).toMatchObject([{ kind: "heart-rate", count: [2, 1], mean: [71, 80] }]);
    }
    expect(await looks()).toBe(before + 2);
  });

  it("holds whole days where days are asked for", async () => {
    const { series } = (await get(`${path}?${range()}&span=day`, doctor)).json<Summary>();
    expect(series).toMatchObject([{ start: [day, day + DAY], count: [2, 1] }]);
  });

  it.each([
    "span=week",
    "span=",
    "span=hour&span=day",
    "kind=mood&span=hour",
    "limit=5&span=hour",
    "patient=other&span=hour",
  ])("is refused with %s", async (query) => {
    expect((await get(`${path}?${range()}&span=hour`, doctor)).statusCode).toBe(200);
    expect((await get(`${path}?${range()}&${query}`, doctor)).statusCode).toBe(400);
  });

  it.each(["to=1", "from=1", "from=2&to=1", "from=-1&to=2", "from=1.5&to=2", "from=x&to=2"])(
    "is refused for the range %s",
    async (query) => {
      expect((await get(`${path}?${query}&span=hour`, doctor)).statusCode).toBe(400);
    },
  );

  it("is refused for a range beyond all integers", async () => {
    const answer = await get(`${path}?from=0&to=9999999999999999&span=hour`, doctor);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:malformed" });
  });

  it("is not shown without a session, and that is not noted as shown", async () => {
    const before = await looks();
    const answer = await get(`${path}?${range()}&span=hour`);
    expect(answer.statusCode).toBe(401);
    expect(await looks()).toBe(before);
  });

  it.each(["administrator", "privacy-officer"] as const)("is not shown to the %s", async (role) => {
    const before = await looks();
    const answer = await get(`${path}?${range()}&span=hour`, await signIn(role));
    expect(answer.statusCode).toBe(403);
    expect(await looks()).toBe(before);
  });

  it("of nobody looks the same whatever the id is", async () => {
    const ids = [randomUUID(), "1", "..", "' OR 1=1 --"].map(encodeURIComponent);
    for (const id of ids) {
      const answer = await get(`/api/patients/${id}/summary?${range()}&span=hour`, doctor);
      expect(answer.statusCode).toBe(404);
    }
  });

  it("is not shown when it cannot be noted", async () => {
    const service = new URL(world.test.url).username;
    await world.tamper(`REVOKE INSERT ON audit_events FROM ${service}`);
    const answer = await get(`${path}?${range()}&span=hour`, doctor);
    await world.tamper(`GRANT INSERT ON audit_events TO ${service}`);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("heart-rate");
    expect((await get(`${path}?${range()}&span=hour`, doctor)).statusCode).toBe(200);
  });

  it("that was changed is not shown, and the fault says nothing of it", async () => {
    const swap = "UPDATE summaries SET sealed = set_bit(sealed, 99, 1 - get_bit(sealed, 99))";
    await world.tamper(swap);
    const answer = await get(`${path}?${range()}&span=hour`, doctor);
    await world.tamper(swap);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:fault" });
    expect(answer.body).not.toContain("summaries");
    expect((await get(`${path}?${range()}&span=hour`, doctor)).statusCode).toBe(200);
  });

  it("is as complete when the job is far behind", async () => {
    const { rows } = await world.database.query("SELECT done_id, done_at FROM summary_progress");
    await world.tamper("UPDATE summary_progress SET done_id = 0, done_at = 0");
    const answer = await get(`${path}?${range()}&span=hour`, doctor);
    await world.tamper("UPDATE summary_progress SET done_id = $1, done_at = $2", [
      rows[0]?.number("done_id"),
      rows[0]?.number("done_at"),
    ]);
    expect(answer.json<Summary>().series).toMatchObject([{ count: [2, 1] }]);
  });
});
