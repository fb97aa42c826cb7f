import { createHealth, createMetrics } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { createOperatorServer } from "../app.ts";
import { createEnrolmentDesk } from "../enrolment/index.ts";
import { countIngest } from "../ingest/index.ts";
import { createNoticeDesk } from "../notices/index.ts";
import { createKeyDesk } from "../operator/index.ts";
import { createRecords, type Records } from "../records/index.ts";
import { createStaffDesk } from "../staff/index.ts";
import { createTestAccess } from "./access-world.ts";
import { CONSOLE_ORIGIN, HOSPITAL, log } from "./hospital-world.ts";
import { UNSAFE_COST } from "./log-in-world.ts";
import { GATEWAY, type ProtocolWorld } from "./protocol-world.ts";

const APP_ORIGIN = "http://localhost:8091";

/** The operator's listener on a hospital whose protocol's side runs. */
export function createOperator(
  world: ProtocolWorld,
  { records = createRecords(world) }: { readonly records?: Records } = {},
): FastifyInstance {
  const { database, keys, sessions } = world;
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
    registration: {
      id: HOSPITAL.hospitalId,
      name: HOSPITAL.hospitalName,
      passKey: keys.pass.publicJwk,
      appOrigin: APP_ORIGIN,
    },
    check: () => Promise.resolve({ ok: true, findings: [], swept: {} }),
    counters: () => countIngest(database),
    keys: createKeyDesk({ ...world, hospitalId: HOSPITAL.hospitalId }),
    notices: createNoticeDesk({
      ...world,
      queueNotice: (tx, notice) => sessions.queueNotice(tx, notice),
    }),
  });
}
