import { fileURLToPath } from "node:url";
import type { PersonRole } from "@siphms/api";
import type { AccessDesk } from "../../apps/hospital/src/access/index.ts";
import { createConsoleServer } from "../../apps/hospital/src/app.ts";
import { readStaticFiles } from "../../apps/hospital/src/http/static-files.ts";
import { createBroadcast, createLiveHub } from "../../apps/hospital/src/live/index.ts";
import { createRecords } from "../../apps/hospital/src/records/index.ts";
import { createStaffDesk, type StaffDesk } from "../../apps/hospital/src/staff/index.ts";
import type { Alerts } from "../../apps/hospital/src/alerts/index.ts";
import type { NotifyWays } from "../../apps/hospital/src/notify/index.ts";
import { createTestAccess, putInCare } from "../../apps/hospital/src/testing/access-world.ts";
import { createTestAlerts } from "../../apps/hospital/src/testing/alert-world.ts";
import { createTestDesks } from "../../apps/hospital/src/testing/console-desks.ts";
import { addPatient, log } from "../../apps/hospital/src/testing/hospital-world.ts";
import { UNSAFE_COST } from "../../apps/hospital/src/testing/log-in-world.ts";
import {
  createProtocolWorld,
  type ProtocolWorld,
} from "../../apps/hospital/src/testing/protocol-world.ts";
import { freePort } from "./installation.ts";

const CONSOLE = fileURLToPath(new URL("../../apps/console/dist", import.meta.url));

/** A hospital in this process whose console real browsers open, and whose clock the test moves. */
export interface StaffedHospital {
  readonly origin: string;
  /** With the protocol's side: tests hand in what a gateway would. */
  readonly world: ProtocolWorld;
  readonly desk: StaffDesk;
  readonly access: AccessDesk;
  readonly alerts: Alerts;
  /** Registers an invented patient, in somebody's care where a name is given. */
  addPatient(patient: {
    readonly mrn: string;
    readonly name: string;
    readonly carer?: string;
  }): Promise<string>;
  /** Raises alerts from all that is stored and due by now, hands on those that waited too long, and tells the screens. */
  evaluate(): Promise<void>;
  /** Makes a one-use link. */
  link(name: string, role: PersonRole): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts one: no demo, everybody signs in as in a real installation.
 *
 * @param options.ways - How alerts leave the console; not at all, unless some are given.
 */
export async function startStaffedHospital({
  ways = {},
}: { readonly ways?: NotifyWays } = {}): Promise<StaffedHospital> {
  const world = await createProtocolWorld();
  const { database, keyring, crypto, clock } = world;
  const origin = `http://localhost:${await freePort()}`;
  const desk = createStaffDesk({
    endLostCare: createTestAccess(world).endLostCare,
    ...{ database, keyring, crypto, clock },
    demo: false,
    consoleOrigin: origin,
    hospitalName: "Brookfield Infirmary",
    unsafePasswordCost: UNSAFE_COST,
  });
  const hub = createLiveHub("test");
  const records = createRecords({ database, keyring });
  const broadcast = createBroadcast({ hub, records, log });
  const access = createTestAccess(world, {
    onChanged: (staffId) => hub.accessChanged(staffId),
    onBreakGlass: (id) => broadcast.breakGlass({ id: String(id) }),
  });
  const alerts = createTestAlerts(world, {
    ...{ access, ways },
    publish: (patient, stand) => broadcast.alert(patient, stand),
  });
  world.ingest.onStored((event) => broadcast.stored(event));
  const server = await createConsoleServer({
    ...createTestDesks(world, { access, alerts, records, broadcast, ways }),
    ...{ log, origin, database, keyring, clock, desk, access, records, hub },
    demo: false,
    // Streams look often whether their session holds: a test waits for it.
    recheckMs: 500,
    files: await readStaticFiles(process.env["SIPHMS_CONSOLE_DIR"] ?? CONSOLE),
  });
  // Node would write the real time there; browsers learn from it how late it is here.
  server.server.prependListener("request", (_request, response) => {
    response.setHeader("date", new Date(clock.now()).toUTCString());
  });
  await server.listen({ host: "127.0.0.1", port: Number(new URL(origin).port) });
  return {
    ...{ origin, world, desk, access, alerts },
    async evaluate() {
      await alerts.job.run();
      await alerts.settled();
    },
    async addPatient({ mrn, name, carer }) {
      const id = globalThis.crypto.randomUUID();
      await addPatient(world, { id, mrn, name });
      if (carer !== undefined) await putInCare(world, carer, id);
      return id;
    },
    async link(name, role) {
      const added = await desk.add({ name, role });
      if (added.kind !== "added") throw new Error(added.kind);
      return added.link;
    },
    async close() {
      hub.close();
      await server.close();
      await world.close();
    },
  };
}
