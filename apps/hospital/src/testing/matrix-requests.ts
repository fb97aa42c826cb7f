import { toBase64Url } from "@siphms/cose";
import type { ConsoleRequest } from "./console-world.ts";
import { findPatient } from "../patients/index.ts";
import { createTestAlerts } from "./alert-world.ts";
import { createTestDesks } from "./console-desks.ts";
import { bindDevice, storeBatch, type HospitalWorld, type TestBatch } from "./hospital-world.ts";

/** Makes a request of one route that succeeds for whoever may call it, about the patient whom the address names. */
export interface MatrixRequests {
  /** `undefined` where the bare address is request enough. */
  make(name: string, url: string, patientId: string): Promise<ConsoleRequest | undefined>;
}

const CODE = "123456";
/** Longer ago than any tolerance, so that nothing of it is still to come. */
const AGE_MS = 60_000;

/** The requests about one patient's evidence, quarantine, devices and messages. */
export function createMatrixRequests(world: HospitalWorld): MatrixRequests {
  let count = 0;
  const makers: Readonly<Record<string, Maker>> = {
    "POST /api/patients": () => {
      count += 1;
      const mrn = `MATRIX-${String(count)}`;
      return { payload: { mrn, name: "Bo Invented", birthDate: "1950-07-01" } };
    },
    "GET /api/patients/:patient/quarantine/entries": ({ url }) => ({ url: `${url}?state=held` }),
    "POST /api/patients/:patient/quarantine/decisions": async ({ patientId }) => {
      const { device, messageId } = await store(world, patientId, { reason: "clock" });
      const items = [{ device, messageId, reason: "clock" }];
      return { payload: { items, decision: "released", why: "Seen at the bedside" } };
    },
    "GET /api/patients/:patient/evidence/:messageId": ({ url, patientId }) =>
      nameMessage(world, url, patientId),
    "GET /api/patients/:patient/evidence/:messageId/file": ({ url, patientId }) =>
      nameMessage(world, url, patientId),
    "POST /api/patients/:patient/invitations": () => ({}),
    "POST /api/patients/:patient/enrolments/confirm": async ({ patientId }) => {
      await bindDevice(world, patientId, { code: CODE });
      return { payload: { code: CODE } };
    },
    "POST /api/patients/:patient/devices/revoke": async ({ patientId }) => {
      const { device } = await bindDevice(world, patientId, { state: "active" });
      return { payload: { kid: toBase64Url(device.kid) } };
    },
    "POST /api/patients/:patient/identity-checks": () => ({
      payload: { facts: ["birth-date", "address"] },
    }),
    "POST /api/patients/:patient/messages": async ({ patientId }) => {
      await bindDevice(world, patientId, { state: "active" });
      return { payload: { kind: "measure-now" } };
    },
    "PUT /api/contact": () => ({ payload: { email: null } }),
    "PUT /api/escalation": async () => {
      const { version } = await createTestDesks(world).notify.readEscalation();
      return { payload: { version, steps: [], reason: "Agreed on the round" } };
    },
    "POST /api/system/alerts/acknowledge": () => ({ payload: { alert: "1" } }),
    ...alertRequests(world),
    "PUT /api/patients/:patient/plan": async ({ patientId }) => {
      const { version, rules } = await createTestDesks(world).plans.current(patientId);
      return { payload: { version, rules, reason: "Agreed on the round" } };
    },
  };
  return {
    async make(name, url, patientId) {
      const maker = makers[name];
      if (maker === undefined) return undefined;
      return { method: methodOf(name), url, ...(await maker({ url, patientId })) };
    },
  };
}

function methodOf(name: string): "GET" | "POST" | "PUT" {
  if (name.startsWith("PUT")) return "PUT";
  return name.startsWith("POST") ? "POST" : "GET";
}

type Maker = (asked: {
  readonly url: string;
  readonly patientId: string;
}) => Partial<ConsoleRequest> | Promise<Partial<ConsoleRequest>>;

async function store(
  world: HospitalWorld,
  patientId: string,
  more: Partial<TestBatch>,
): Promise<{ readonly device: string; readonly messageId: string }> {
  const { clock } = world;
  const confirmed = { confirmedAt: clock.now(), confirmedBy: "operator" };
  const sender = await bindDevice(world, patientId, { state: "active", ...confirmed });
  const receivedAt = clock.now() - AGE_MS;
  const series = [{ kind: 1, start: receivedAt, step: 0, values: [70], origin: 0 }] as const;
  const messageId = await storeBatch(world, sender, { receivedAt, series, ...more });
  return { device: toBase64Url(sender.device.kid), messageId: toBase64Url(messageId) };
}

function alertRequests(world: HospitalWorld): Readonly<Record<string, Maker>> {
  return {
    "POST /api/alerts/seen": async ({ patientId }) => ({
      payload: { alerts: [await raise(world, patientId)] },
    }),
    "POST /api/patients/:patient/alerts/acknowledge": async ({ patientId }) => ({
      payload: { alert: await raise(world, patientId), level: "urgent" },
    }),
    "POST /api/patients/:patient/alerts/resolve": async ({ patientId }) => ({
      payload: { alert: await raise(world, patientId), note: "Seen at the bedside" },
    }),
  };
}

/** The patient's heart races, again where it did so before. @returns the alert's id; one that is nobody's for a patient who is none. */
async function raise(world: HospitalWorld, patientId: string): Promise<string> {
  const { database, keyring, clock } = world;
  if ((await findPatient(database, keyring, patientId)) === undefined) return "999999999";
  await clock.advance(2000);
  const receivedAt = clock.now();
  const values = [70, 200];
  const series = [{ kind: 1, start: receivedAt - 1000, step: 1000, values, origin: 0 }] as const;
  await store(world, patientId, { receivedAt, series });
  const { job, desk } = createTestAlerts(world);
  await job.run();
  const stand = (await desk.stands([patientId])).get(patientId);
  const racing = stand?.open.find(({ rule }) => rule === "limit:heart-rate:value:high");
  if (racing === undefined) throw new Error("no alert was raised");
  return racing.id;
}

async function nameMessage(
  world: HospitalWorld,
  url: string,
  patientId: string,
): Promise<Partial<ConsoleRequest>> {
  const { messageId } = await store(world, patientId, {});
  return { url: url.replace(":messageId", messageId) };
}
