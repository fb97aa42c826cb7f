import { createHealth, createMetrics } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { createOperatorServer } from "../app.ts";
import { createEnrolmentDesk } from "../enrolment/index.ts";
import { countIngest } from "../ingest/index.ts";
import type { KekSource } from "../keys/index.ts";
import { createNoticeDesk } from "../notices/index.ts";
import { createKekDesk, createKeyDesk } from "../operator/index.ts";
import { createRecords, type Records } from "../records/index.ts";
import { registrationOf } from "../registration.ts";
import { createStaffDesk } from "../staff/index.ts";
import { createTestAccess } from "./access-world.ts";
import { CONSOLE_ORIGIN, HOSPITAL, log } from "./hospital-world.ts";
import { UNSAFE_COST } from "./log-in-world.ts";
import { GATEWAY, type ProtocolWorld } from "./protocol-world.ts";

const APP_ORIGIN = "http://localhost:8091";

/** The operator's listener on a hospital whose protocol's side runs. */
export function createOperator(
  world: ProtocolWorld,
  {
    records = createRecords(world),
    kek = { kind: "command", program: "/bin/false", arguments: [] },
  }: { readonly records?: Records; readonly kek?: KekSource } = {},
): FastifyInstance {
  const { database, sessions } = world;
  const shared = { ...world, demo: false };
  const access = createTestAccess(world);
  return createOperatorServer({
    ...world,
    log,
    access,
    enrolment: createEnrolmentDesk({
      ...shared,
      beginCare: access.beginCareWithin,
      hospital: { id: HOSPITAL.hospitalId, name: HOSPITAL.hospitalName },
      gatewayUrl: GATEWAY,
      appOrigin: APP_ORIGIN,
      closeSessions: (tx, deviceId) => sessions.closeSessionsOfDevice(tx, deviceId),
      notifyActive: () => Promise.resolve(),
      onPatient: () => undefined,
      onBinding: (patientId) => world.revoked.push(patientId),
    }),
    staff: createStaffDesk({
      endLostCare: access.endLostCare,
      ...shared,
      consoleOrigin: CONSOLE_ORIGIN,
      hospitalId: HOSPITAL.hospitalId,
      unsafePasswordCost: UNSAFE_COST,
    }),
    records,
    health: createHealth([]),
    metrics: createMetrics(),
    registration: () => registrationOf({ ...world, installation: HOSPITAL }, APP_ORIGIN),
    check: () => Promise.resolve({ ok: true, findings: [], swept: {} }),
    mergeEntries: () => Promise.resolve({ files: [] }),
    counters: () => countIngest(database),
    witnesses: [],
    keys: createKeyDesk({ ...world, hospitalId: HOSPITAL.hospitalId }),
    kek: createKekDesk({ ...world, hospitalId: HOSPITAL.hospitalId, source: kek, options: {} }),
    notices: createNoticeDesk({
      ...world,
      queueNotice: (tx, notice) => sessions.queueNotice(tx, notice),
    }),
  });
}
