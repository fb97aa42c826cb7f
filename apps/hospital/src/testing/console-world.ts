import { SESSION_COOKIE, type PersonRole } from "@siphms/api";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import type { AccessDesk } from "../access/index.ts";
import type { Alerts } from "../alerts/index.ts";
import { createConsoleServer } from "../app.ts";
import { createBroadcast, createLiveHub, type LiveHub } from "../live/index.ts";
import { createRecords } from "../records/index.ts";
import { createStaffDesk, type Staff, type StaffDesk } from "../staff/index.ts";
import { createTestAccess } from "./access-world.ts";
import { createTestAlerts } from "./alert-world.ts";
import { createTestDesks } from "./console-desks.ts";
import { CONSOLE_ORIGIN, log, type HospitalWorld } from "./hospital-world.ts";
import { FROM_CONSOLE } from "./log-in-world.ts";

/** Somebody who is signed in at the console. */
export interface TestPerson {
  readonly staff: Staff;
  readonly token: string;
}

/** The console's listener on a hospital of its own, and what its requests are made with. */
export interface ConsoleWorld {
  readonly server: FastifyInstance;
  readonly desk: StaffDesk;
  readonly access: AccessDesk;
  readonly alerts: Alerts;
  readonly hub: LiveHub;
  /** Signs somebody in, who gets an account where there is none yet. */
  signIn(name: string, role: PersonRole): Promise<TestPerson>;
  /** Asks as the browser of that person would. */
  ask(request: ConsoleRequest, person?: TestPerson): Promise<ConsoleAnswer>;
}

/** One request of a browser. */
export interface ConsoleRequest {
  readonly method?: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  readonly url: string;
  readonly payload?: object;
}

/** What came of it. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly body: string;
  readonly json: LightMyRequestResponse["json"];
}

/** Makes the console's listener. */
export async function createConsoleWorld(world: HospitalWorld): Promise<ConsoleWorld> {
  const { database, keyring, crypto, clock } = world;
  const made = createStaffDesk({
    ...{ database, keyring, crypto, clock, demo: true },
    endLostCare: createTestAccess(world).endLostCare,
    consoleOrigin: CONSOLE_ORIGIN,
  });
  // A demo's link counts as a proof for ever: nobody could step up there. Here it grows old as everywhere else.
  const proved = new Map<string, number>();
  const desk: StaffDesk = {
    ...made,
    async check(input) {
      const signedIn = await made.check(input);
      const provedAt = proved.get(input.token);
      return signedIn === undefined || provedAt === undefined
        ? signedIn
        : { ...signedIn, provedAt };
    },
  };
  const hub = createLiveHub("test");
  const records = createRecords({ database, keyring });
  const broadcast = createBroadcast({ hub, records, log });
  const access = createTestAccess(world, {
    onChanged: (staffId) => {
      hub.accessChanged(staffId);
    },
    onBreakGlass: (id) => {
      broadcast.breakGlass({ id: String(id) });
    },
  });
  const alerts = createTestAlerts(world, { access, publish: broadcast.alert });
  const server = await createConsoleServer({
    ...createTestDesks(world, { access, alerts, records, broadcast }),
    ...{ log, origin: CONSOLE_ORIGIN, database, keyring, clock, desk, access, records, hub },
    demo: true,
    files: new Map(),
  });
  return {
    ...{ server, desk, access, alerts, hub },
    async signIn(name, role) {
      const added = await desk.add({ name, role });
      if (added.kind !== "added") throw new Error(added.kind);
      const opened = await desk.open(new URL(added.link).hash.slice(1), undefined);
      if (opened.kind !== "opened") throw new Error(opened.kind);
      proved.set(opened.token, clock.now());
      return { staff: opened.signedIn.staff, token: opened.token };
    },
    async ask({ method = "GET", url, payload }, person) {
      const answer = await server.inject({
        ...{ method, url },
        headers: FROM_CONSOLE,
        ...(payload === undefined ? {} : { payload }),
        ...(person === undefined ? {} : { cookies: { [SESSION_COOKIE]: person.token } }),
      });
      return { status: answer.statusCode, body: answer.body, json: answer.json };
    },
  };
}
