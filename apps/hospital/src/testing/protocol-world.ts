import { randomUUID } from "node:crypto";
import type { DemoClock } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import { insertInvitation } from "../enrolment/index.ts";
import {
  createIngest,
  runUpkeep,
  type Ingest,
  type IngestOptions,
  type IngestOutcome,
  type StoredEvent,
} from "../ingest/index.ts";
import { loadHospitalKeys } from "../keys/index.ts";
import { insertPatient } from "../patients/index.ts";
import { createRecords } from "../records/index.ts";
import { createAnswerRequest, createLoadPatientFacts } from "../requests/index.ts";
import {
  createSessions,
  type GatewayLink,
  type Sessions,
  type Unsolicited,
} from "../sessions/index.ts";
import { createStaffDesk, findStaffByName } from "../staff/index.ts";
import { createTestAccess } from "./access-world.ts";
import {
  addPatient,
  CONSOLE_ORIGIN,
  createHospitalWorld,
  HOSPITAL,
  log,
  type HospitalWorld,
} from "./hospital-world.ts";

/** gateway-url of the gateway that tests play. */
export const GATEWAY = "https://gateway.example";
const MINUTE = 60_000;
const SESSION_LIFE_MS = 86_400_000;

/** An envelope as a gateway hands it on. */
export interface Handed {
  readonly sid: Bytes;
  readonly body: Bytes;
}

/** A hospital with the protocol's side running, without a gateway: tests hand in what a gateway would. */
export interface ProtocolWorld extends HospitalWorld {
  readonly sessions: Sessions;
  readonly ingest: Ingest;
  /** What was announced after commits. */
  readonly stored: StoredEvent[];
  /** Unsolicited envelopes that went to a gateway. */
  readonly delivered: Unsolicited[];
  /** Sids that a gateway was told to close. */
  readonly closed: Bytes[];
  /** Patients whose devices took one away. */
  readonly revoked: string[];
  /** Whether there is a connection to gateways. */
  readonly link: { isUp: boolean };
  submit(envelope: Handed): Promise<IngestOutcome>;
  /** Hands several in within one turn, so that they become one group. */
  submitTogether(envelopes: readonly Handed[]): Promise<IngestOutcome[]>;
  /** Another hospital process on the same database, with parts of it exchanged. */
  restart(changes?: Partial<IngestOptions>): ProtocolWorld;
  /** One more hospital process on the same database, which has read the hospital's keys for itself. */
  another(): Promise<ProtocolWorld>;
  /** The number that a statement gives as `count`; 0 without a row. */
  count(sql: string, values?: readonly (string | number | Uint8Array)[]): Promise<number>;
}

/**
 * Makes a hospital with its protocol's side on a database of its own.
 *
 * @param change - Exchanges parts of the world before the rest is built on them.
 */
export async function createProtocolWorld(
  change: (world: HospitalWorld) => Promise<Partial<HospitalWorld>> = () => Promise.resolve({}),
): Promise<ProtocolWorld> {
  const made = await createHospitalWorld();
  const world = { ...made, ...(await change(made)) };
  const protocol = startProtocol(world);
  await runUpkeep({ ...world, log, eraseSessions: () => protocol.sessions.eraseEnded() });
  return protocol;
}

function startProtocol(world: HospitalWorld, changes: Partial<IngestOptions> = {}): ProtocolWorld {
  const { database, keyring, crypto, clock, keys } = world;
  const seen = {
    delivered: [] as Unsolicited[],
    closed: [] as Bytes[],
    stored: [] as StoredEvent[],
    revoked: [] as string[],
  };
  const link = { isUp: true };
  const pause = changes.pause ?? (() => Promise.resolve());
  const shared = { database, keyring, crypto, clock, log, pause };
  const sessions = createSessions({
    ...shared,
    hospital: keys,
    link: playLink(link, seen),
    settings: {
      hospitalId: HOSPITAL.hospitalId,
      sessionLifeMs: SESSION_LIFE_MS,
      envelopesPerMinute: 60,
    },
  });
  const ingest = createIngest({
    ...shared,
    sessions,
    lanes: 1,
    identities: keys.identities,
    patientFacts: createLoadPatientFacts({ keyring }),
    answerRequest: createAnswerRequest({
      keyring,
      crypto,
      records: createRecords(shared),
      onRevoked: (patientId) => seen.revoked.push(patientId),
    }),
    ...changes,
  });
  ingest.onStored((event) => seen.stored.push(event));
  const submit: ProtocolWorld["submit"] = ({ sid, body }) =>
    new Promise((resolve) => {
      ingest.submit({ sid, body, receivedAt: clock.now() }, resolve);
    });
  return {
    ...world,
    ...seen,
    sessions,
    ingest,
    link,
    submit,
    submitTogether: (envelopes) => Promise.all(envelopes.map(submit)),
    restart: (more = {}) => startProtocol(world, more),
    another: async () =>
      startProtocol({
        ...world,
        keys: await loadHospitalKeys(database, HOSPITAL.hospitalId, world),
      }),
    async count(sql, values = []) {
      const { rows } = await database.query(sql, values);
      return rows[0]?.number("count") ?? 0;
    },
  };
}

/** The hospital's way to its gateway, played: notes what would go there while it is up. */
function playLink(
  link: { readonly isUp: boolean },
  seen: { readonly delivered: Unsolicited[]; readonly closed: Bytes[] },
): GatewayLink {
  return {
    closeSession: (_gateway, sid) => seen.closed.push(sid),
    deliver: (envelope) => {
      if (link.isUp) seen.delivered.push(envelope);
      return link.isUp;
    },
    connected: () => (link.isUp ? [GATEWAY] : []),
  };
}

/** Registers an invented patient, with a doctor of that name or as a demo patient where that is asked for. */
export async function newPatient(
  world: HospitalWorld,
  more: { readonly doctor?: string; readonly demo?: DemoClock } = {},
): Promise<string> {
  const id = randomUUID();
  if (more.doctor === undefined && more.demo === undefined) {
    await addPatient(world, { id, mrn: id });
    return id;
  }
  const { database, keyring, clock } = world;
  const doctorId = more.doctor === undefined ? null : await newDoctor(world, more.doctor);
  await database.withTransaction((tx) =>
    insertPatient(tx, keyring, {
      id,
      demographics: {
        mrn: id,
        name: "Bo Invented",
        birthDate: "1950-07-01",
        sex: "F",
        problem: "Heart failure",
        lastVisit: "2025-12-24",
      },
      doctorId,
      source: null,
      demo: more.demo ?? null,
      registeredAt: clock.now(),
    }),
  );
  return id;
}

/** Adds a doctor. @returns their number. */
export async function newDoctor(world: HospitalWorld, name: string): Promise<number> {
  const { database, keyring } = world;
  const desk = createStaffDesk({
    endLostCare: createTestAccess(world).endLostCare,
    ...world,
    demo: false,
    consoleOrigin: CONSOLE_ORIGIN,
  });
  await desk.add({ name, role: "doctor" });
  const doctor = await findStaffByName(database, keyring, name);
  if (doctor === undefined) throw new Error("no such doctor");
  return doctor.id;
}

/** Makes an invitation and gives its token. */
export async function newToken(
  world: HospitalWorld,
  patientId: string,
  lifeMs = 15 * MINUTE,
): Promise<Bytes> {
  const { database, keyring, crypto, clock } = world;
  const token = crypto.randomBytes(16);
  await database.withTransaction((tx) =>
    insertInvitation(tx, keyring, {
      token,
      patientId,
      createdAt: clock.now(),
      createdBy: "operator",
      handedOver: "link",
      expiresAt: clock.now() + lifeMs,
    }),
  );
  return token;
}
