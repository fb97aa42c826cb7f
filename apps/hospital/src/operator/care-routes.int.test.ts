import type { CareRelations } from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entriesOf } from "../testing/audit-entries.ts";
import { logInMachine, type MachineHeaders } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

const DOCTOR = "Dr. Caring";

let world: ProtocolWorld;
let server: FastifyInstance;
let mrn: string;
let headers: MachineHeaders;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
  headers = await logInMachine(server, world);
  await post("/operator/staff", { name: DOCTOR, role: "doctor" });
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  mrn = await newPatient(world);
});

const post = (url: string, payload: object) =>
  server.inject({ method: "POST", url, payload, headers: { ...headers } });
const listed = async (of = mrn) =>
  (
    await server.inject({ url: `/operator/care?mrn=${of}`, headers: { ...headers } })
  ).json<CareRelations>().relations;
const begin = (more: object = {}) => post("/operator/care", { staff: DOCTOR, mrn, ...more });

const SOMEBODY: unknown = expect.stringMatching(/^staff:\d+$/);

describe("care relations on the private socket", () => {
  it("begin, are listed and end, and say who made them", async () => {
    const until = world.clock.now() + 60_000;
    expect((await begin({ until })).json()).toMatchObject({ staff: DOCTOR, mrn, until });
    expect(await listed()).toEqual([
      {
        ...{ staff: DOCTOR, role: "doctor", mrn, until },
        began: world.clock.now(),
        madeBy: SOMEBODY,
      },
    ]);
    const ended = await post("/operator/care/end", { staff: DOCTOR, mrn });
    expect(ended.json()).toEqual({ staff: DOCTOR, mrn, ended: world.clock.now() });
    expect(await listed()).toEqual([]);
  });

  it("begin with the registration where a doctor is named, and not otherwise", async () => {
    const patient = { name: "Cara Invented", birthDate: "1950-07-01" };
    await post("/operator/patients", { ...patient, mrn: "WITH-DOCTOR", doctor: DOCTOR });
    await post("/operator/patients", { ...patient, mrn: "WITHOUT" });
    expect(await listed("WITH-DOCTOR")).toMatchObject([{ staff: DOCTOR, madeBy: SOMEBODY }]);
    expect(await listed("WITHOUT")).toEqual([]);
  });

  it.each([
    ["a record number that nobody has", 404, { mrn: "NOBODY" }],
    ["somebody whom nobody knows", 404, { staff: "Nobody" }],
    ["an end in the past", 400, { until: 1 }],
    ["a member that there is not", 400, { role: "doctor" }],
    ["a record number that is none", 400, { mrn: "" }],
  ])("are refused for %s", async (_what, status, change) => {
    expect((await begin(change)).statusCode).toBe(status);
    expect(await listed()).toEqual([]);
  });

  it("are refused for administrators, and for a doctor who was disabled", async () => {
    await post("/operator/staff", { name: "Ada Administrator", role: "administrator" });
    await post("/operator/staff", { name: "Dr. Gone", role: "doctor" });
    await post("/operator/staff/disable", { name: "Dr. Gone" });
    for (const staff of ["Ada Administrator", "Dr. Gone"]) {
      expect((await begin({ staff })).statusCode).toBe(404);
    }
  });

  it("that are not there cannot be ended", async () => {
    for (const change of [{}, { mrn: "NOBODY" }, { staff: "Nobody" }]) {
      const answer = await post("/operator/care/end", { staff: DOCTOR, mrn, ...change });
      expect(answer.statusCode).toBe(404);
    }
  });

  it("are noted as shown, for the hospital's operations (SR-58)", async () => {
    await begin();
    const entries = await entriesOf(world, () => listed());
    expect(entries).toEqual([
      expect.objectContaining({
        event: "data.disclosed",
        actor: SOMEBODY,
        subject: mrn,
        object: "care",
        outcome: "done",
        purpose: "operations",
      }),
    ]);
  });

  it("are noted for each patient of a list, and of a list of nobody nothing", async () => {
    const entries = await entriesOf(world, () =>
      server.inject({ url: "/operator/patients", headers: { ...headers } }),
    );
    const { rows } = await world.database.query("SELECT count(*) AS all FROM patients");
    expect(entries).toHaveLength(rows[0]?.number("all") ?? 0);
    expect(new Set(entries.map(({ subject }) => subject)).size).toBe(entries.length);
    expect(await entriesOf(world, () => listed())).toEqual([]);
  });
});
