import { CONSOLE_PATHS, SESSION_COOKIE, type Role } from "@siphms/api";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { Secret, TOTP } from "otpauth";
import { createConsoleServer } from "../app.ts";
import { createLiveHub } from "../live/index.ts";
import { createRecords } from "../records/index.ts";
import { readEntries } from "./audit-entries.ts";
import { createTestAccess } from "./access-world.ts";
import { createTestDesks } from "./console-desks.ts";
import { CONSOLE_ORIGIN, createHospitalWorld, log, type HospitalWorld } from "./hospital-world.ts";
import { createStaffDesk, type PasswordCost, type StaffDesk } from "../staff/index.ts";
import { createUnsafeAuthenticator, type UnsafeAuthenticator } from "./soft-authenticator.ts";

/** A hospital with a console that real staff sign in to. */
export interface LogInWorld extends HospitalWorld {
  readonly desk: StaffDesk;
  readonly server: FastifyInstance;
  /** Another program on the same database, as after a restart. */
  restart(options?: { demo?: boolean; cost?: PasswordCost }): Promise<{
    readonly desk: StaffDesk;
    readonly server: FastifyInstance;
  }>;
}

/** Far too cheap for anything but tests. */
export const UNSAFE_COST: PasswordCost = { memoryKib: 256, passes: 1 };
export const PASSWORD = "otters sleep holding hands";
export const HOSPITAL_NAME = "Brookfield Infirmary";

const host = new URL(CONSOLE_ORIGIN).host;
export const FROM_CONSOLE = { host, origin: CONSOLE_ORIGIN, "sec-fetch-site": "same-origin" };

/** Makes the hospital and its console; a hospital that is there already gets the console alone. */
export async function createLogInWorld(hospital?: HospitalWorld): Promise<LogInWorld> {
  const world = hospital ?? (await createHospitalWorld());
  const { database, keyring, crypto, clock } = world;
  const restart: LogInWorld["restart"] = async ({ demo = false, cost = UNSAFE_COST } = {}) => {
    const desk = createStaffDesk({
      endLostCare: createTestAccess(world).endLostCare,
      ...{ database, keyring, crypto, clock, demo },
      consoleOrigin: CONSOLE_ORIGIN,
      hospitalName: HOSPITAL_NAME,
      unsafePasswordCost: cost,
    });
    const server = await createConsoleServer({
      ...createTestDesks(world),
      ...{ log, database, keyring, clock, desk, demo },
      origin: CONSOLE_ORIGIN,
      access: createTestAccess(world),
      records: createRecords({ database, keyring }),
      hub: createLiveHub("test"),
      files: new Map(),
    });
    return { desk, server };
  };
  return { ...world, ...(await restart()), restart };
}

/** One browser: it has a cookie, or none, and comes from an address. */
export interface Browser {
  cookie: string | undefined;
  readonly source: string;
  /** What says where a request comes from; the console's own unless a test changes it. */
  headers: Readonly<Record<string, string>>;
  send(
    method: "DELETE" | "GET" | "POST",
    url: string,
    payload?: object,
  ): Promise<LightMyRequestResponse>;
}

/** Opens a browser that has never been here. */
export function openBrowser(server: FastifyInstance, source = "192.0.2.1"): Browser {
  const browser: Browser = {
    cookie: undefined,
    source,
    headers: FROM_CONSOLE,
    async send(method, url, payload) {
      const answer = await server.inject({
        method,
        url,
        headers: browser.headers,
        remoteAddress: source,
        ...(browser.cookie === undefined ? {} : { cookies: { [SESSION_COOKIE]: browser.cookie } }),
        ...(payload === undefined ? {} : { payload }),
      });
      const set = answer.cookies.find(({ name }) => name === SESSION_COOKIE);
      if (set !== undefined) browser.cookie = set.value === "" ? undefined : set.value;
      return answer;
    },
  };
  return browser;
}

/** Makes a link and gives its token. */
export async function makeToken(
  desk: StaffDesk,
  name: string,
  role: Exclude<Role, "integration"> = "doctor",
): Promise<string> {
  const outcome = await desk.add({ name, role });
  if (outcome.kind !== "added") throw new Error(outcome.kind);
  return new URL(outcome.link).hash.slice(1);
}

/** A TOTP app that holds one secret. */
export function totpApp(secret: string): (now: number) => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 });
  return (now) => totp.generate({ timestamp: now });
}

/** What somebody who has set up password and TOTP has. */
export interface WithPassword {
  readonly name: string;
  readonly browser: Browser;
  readonly code: (now: number) => string;
  readonly recoveryCodes: readonly string[];
}

/** Sets up password and TOTP by a link, and is signed in after it. */
export async function setUpPassword(
  world: LogInWorld,
  name: string,
  {
    role = "doctor",
    source = "192.0.2.1",
  }: { role?: Exclude<Role, "integration">; source?: string } = {},
): Promise<WithPassword> {
  const token = await makeToken(world.desk, name, role);
  const browser = openBrowser(world.server, source);
  const offer = (await browser.send("POST", CONSOLE_PATHS.setUpTotp, { token })).json<{
    ticket: string;
    secret: string;
  }>();
  const code = totpApp(offer.secret);
  const answer = await browser.send("POST", CONSOLE_PATHS.setUpPassword, {
    ...{ token, password: PASSWORD, ticket: offer.ticket, code: code(world.clock.now()) },
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return { name, browser, code, recoveryCodes: answer.json<{ codes: string[] }>().codes };
}

/** Sets up a passkey by a link, and is signed in after it. */
export async function setUpPasskey(
  world: LogInWorld,
  name: string,
  { role = "doctor", counter = 0 }: { role?: Exclude<Role, "integration">; counter?: number } = {},
): Promise<{ readonly browser: Browser; readonly authenticator: UnsafeAuthenticator }> {
  const token = await makeToken(world.desk, name, role);
  const browser = openBrowser(world.server);
  const authenticator = createUnsafeAuthenticator(CONSOLE_ORIGIN, { counter });
  const creation = await browser.send("POST", CONSOLE_PATHS.setUpPasskeyCreation, { token });
  const answer = await browser.send("POST", CONSOLE_PATHS.setUpPasskey, {
    ...{ token, label: "a phone", credential: authenticator.create(creation.json()) },
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return { browser, authenticator };
}

/** The problem that an answer names, or its status where it is none. */
export function problemOf(answer: LightMyRequestResponse): string {
  const prefix = "urn:siphms:problem:";
  if (answer.statusCode < 400) return String(answer.statusCode);
  const { type } = answer.json<{ type: string }>();
  return type.slice(prefix.length);
}

/** The reasons that the audit log has for refusals, the newest last. */
export async function refusalsOf(world: HospitalWorld): Promise<readonly string[]> {
  const entries = await readEntries(world, "event = 'staff.log-in-refused'");
  return entries.map(({ details }) => String(details["reason"]));
}
