import { tmpdir } from "node:os";
import { createHealth } from "@siphms/server-kit";
import type { AccessDesk } from "../access/index.ts";
import type { Alerts } from "../alerts/index.ts";
import type { ConsoleDesks } from "../app.ts";
import { createConsoleDesks } from "../console-desks.ts";
import { createEnrolmentDesk } from "../enrolment/index.ts";
import { countIngest } from "../ingest/index.ts";
import type { Broadcast } from "../live/index.ts";
import type { NotifyWays } from "../notify/index.ts";
import { createKeyDesk } from "../operator/index.ts";
import { createRecords, type Records } from "../records/index.ts";
import { createSessions } from "../sessions/index.ts";
import { createTestAccess } from "./access-world.ts";
import { createTestAlerts } from "./alert-world.ts";
import { HOSPITAL, log, type HospitalWorld } from "./hospital-world.ts";

const APP_ORIGIN = "http://localhost:8091";
/** gateway-url of a gateway that nobody is connected to. */
const GATEWAY = "https://gateway.example";

/** Two hours ahead of UTC in summer, one in winter. */
const TIME_ZONE = "Europe/Berlin";

/** What a test's console is joined with; left out, each desk has its own and nobody is told of changes. */
export interface TestDeskParts {
  readonly access?: AccessDesk;
  readonly alerts?: Alerts;
  readonly records?: Records;
  readonly broadcast?: Pick<Broadcast, "enrolment" | "patient">;
  /** How people are told of alerts beside the console; nothing, unless it is given. */
  readonly ways?: NotifyWays;
}

/** Everything that staff do at the console, on a hospital without a connection to its gateway. */
export function createTestDesks(
  world: HospitalWorld,
  { broadcast, ...parts }: TestDeskParts = {},
): ConsoleDesks {
  const { access = createTestAccess(world), records = createRecords(world) } = parts;
  const { database, keyring, crypto, clock, keys } = world;
  const sessions = createSessions({
    ...{ database, keyring, crypto, clock, log },
    hospital: keys,
    link: { closeSession: () => undefined, deliver: () => false, connected: () => [] },
    settings: {
      hospitalId: HOSPITAL.hospitalId,
      sessionLifeMs: 86_400_000,
      envelopesPerMinute: 60,
    },
  });
  const since = clock.now();
  const desks = createConsoleDesks(
    { database, keyring, crypto, keys, kek: world.kek, installation: HOSPITAL },
    {
      ...{ clock, records },
      alerts: parts.alerts ?? createTestAlerts(world, { access }),
      protocol: {
        queueNotice: (tx, notice) => sessions.queueNotice(tx, notice),
        gateways: () => [{ gateway: GATEWAY, isUp: false, since, lastContact: undefined }],
      },
      broadcast: { patient: (event) => broadcast?.patient(event) },
      health: createHealth([{ name: "database", works: () => true }]),
      demo: true,
      dataFolder: tmpdir(),
      timeZone: TIME_ZONE,
      ways: parts.ways ?? {},
      reports: {
        keys: createKeyDesk({ ...world, hospitalId: HOSPITAL.hospitalId }),
        counters: () => countIngest(database),
        check: () => Promise.resolve({ ok: true, findings: [], swept: { staff: 1 } }),
      },
    },
  );
  const enrolment = createEnrolmentDesk({
    ...{ database, keyring, crypto, clock, keys },
    hospital: { id: HOSPITAL.hospitalId, name: HOSPITAL.hospitalName },
    gatewayUrl: GATEWAY,
    appOrigin: APP_ORIGIN,
    demo: true,
    beginCare: access.beginCareWithin,
    closeSessions: (tx, deviceId) => sessions.closeSessionsOfDevice(tx, deviceId),
    notifyActive: () => Promise.resolve(),
    onPatient: (patient) => broadcast?.patient({ patient }),
    onBinding: (patient, state) => broadcast?.enrolment({ patient, state }),
  });
  return { ...desks, enrolment };
}
