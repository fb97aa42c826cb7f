import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CONSOLE_PATHS, OPERATOR_PATHS, patientPath, type Role } from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import {
  createLogInWorld,
  openBrowser,
  PASSWORD,
  setUpPasskey,
  setUpPassword,
  type Browser,
  type LogInWorld,
  type WithPassword,
} from "../testing/log-in-world.ts";
import { addMachine, challengeOf, type TestMachine } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { enrolActive, shakeHands, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";
import type { UnsafeAuthenticator } from "../testing/soft-authenticator.ts";
import { runCheck } from "./index.ts";

let world: ProtocolWorld;
let people: LogInWorld;
let server: FastifyInstance;
let dataFolder: string;
let patient: string;
let carer: Browser;
let stranger: Browser;
let typing: WithPassword;
let holder: UnsafeAuthenticator;
let machine: TestMachine;
let thief: TestMachine;
let retired: TestMachine;
let phone: PhoneSession;
let lost: PhoneSession;

const personOf = async (name: string, role: Exclude<Role, "integration"> = "doctor") =>
  (await setUpPasskey(people, name, { role })).browser;

beforeAll(async () => {
  world = await createProtocolWorld();
  people = await createLogInWorld(world);
  server = createOperator(world);
  dataFolder = await mkdtemp(path.join(tmpdir(), "tampered-"));
  await mkdir(path.join(dataFolder, "secrets"), { mode: 0o700 });
  await writeFile(path.join(dataFolder, "secrets", "kek"), "", { mode: 0o600 });
  await chmod(dataFolder, 0o711);
  patient = await newPatient(world);
  carer = await personOf("Dr. Carer");
  await putInCare(world, "Dr. Carer", patient);
  stranger = await personOf("Dr. Stranger");
  typing = await setUpPassword(people, "Dr. Typing");
  await setUpPassword(people, "Dr. Other");
  holder = (await setUpPasskey(people, "Dr. Holder")).authenticator;
  machine = await addMachine(server, world.crypto, "Nightly import");
  retired = await addMachine(server, world.crypto, "Retired machine");
  await people.desk.disable("Retired machine");
  thief = await addMachine(server, world.crypto, "Another machine");
  phone = await enrolActive(world, patient);
  lost = await enrolActive(world, await newPatient(world));
});
afterAll(async () => {
  await server.close();
  await people.server.close();
  await world.close();
  await rm(dataFolder, { recursive: true });
});

const check = () => {
  const kek = { kind: "file", path: path.join(dataFolder, "secrets", "kek") } as const;
  return runCheck({ ...world, kek, dataFolder });
};

const isOpen = async (answer: Promise<{ readonly statusCode: number }>): Promise<boolean> =>
  (await answer).statusCode === 200;

const logInByPassword = async ({ sameCode = false } = {}) => {
  // Each code counts once.
  if (!sameCode) await world.clock.advance(30_000);
  return openBrowser(people.server).send("POST", CONSOLE_PATHS.logInPassword, {
    ...{ name: typing.name, password: PASSWORD },
    code: typing.code(world.clock.now()),
  });
};

const logInByPasskey = async () => {
  const browser = openBrowser(people.server);
  const asked = await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest);
  return browser.send("POST", CONSOLE_PATHS.logInPasskey, holder.prove(asked.json()));
};

/** As one machine, with the key of another one. */
const logInWithStolenRow = async () => {
  const { name } = machine;
  const challenge = await challengeOf(server);
  const payload = { name, challenge, signature: await thief.sign(challenge, { name }) };
  return server.inject({ method: "POST", url: OPERATOR_PATHS.logInKey, payload });
};

const connects = async ({ phone: device }: PhoneSession) =>
  (await shakeHands(world, device)).kind === "open";

/**
 * What somebody could do with nothing but write access to the database. `genuine`: the way that such a row opens, which
 * stands open before. `attack`: the way that the change is meant to open.
 */
interface Attack {
  readonly table: string;
  readonly change: string;
  readonly genuine: () => Promise<boolean>;
  readonly attack: () => Promise<boolean>;
}

const record = (browser: Browser) => isOpen(browser.send("GET", patientPath(patient)));
const idOf = (name: string) => `(SELECT id FROM staff WHERE name = '${name}')`;

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a care relation that names somebody else": {
    table: "care_relations",
    change: `UPDATE care_relations SET staff_id = ${idOf("Dr. Stranger")}`,
    genuine: () => record(carer),
    attack: () => record(stranger),
  },
  "a session that is somebody else's": {
    table: "staff_sessions",
    change: `UPDATE staff_sessions SET staff_id = ${idOf("Dr. Carer")} WHERE staff_id = ${idOf("Dr. Stranger")}`,
    genuine: () => record(carer),
    attack: () => record(stranger),
  },
  "a session that ends later": {
    table: "staff_sessions",
    change: "UPDATE staff_sessions SET expires_at = expires_at + 86400000",
    genuine: () => isOpen(carer.send("GET", CONSOLE_PATHS.session)),
    attack: () => isOpen(carer.send("GET", CONSOLE_PATHS.session)),
  },
  "a password that is another person's": {
    table: "staff_passwords",
    change: `UPDATE staff_passwords SET hash = (SELECT hash FROM staff_passwords WHERE staff_id = ${idOf("Dr. Other")}) WHERE staff_id = ${idOf("Dr. Typing")}`,
    genuine: () => isOpen(logInByPassword()),
    attack: () => isOpen(logInByPassword()),
  },
  "a code that was used": {
    table: "staff_totp",
    change: "UPDATE staff_totp SET last_step = 0",
    genuine: () => isOpen(logInByPassword()),
    attack: () => isOpen(logInByPassword({ sameCode: true })),
  },
  "a passkey that is another person's": {
    table: "staff_passkeys",
    change: `UPDATE staff_passkeys SET staff_id = ${idOf("Dr. Carer")} WHERE staff_id = ${idOf("Dr. Holder")}`,
    genuine: () => isOpen(logInByPasskey()),
    attack: () => isOpen(logInByPasskey()),
  },
  "the key of a machine, replaced": {
    table: "staff_keys",
    change: `UPDATE staff_keys SET public_key = (SELECT public_key FROM staff_keys WHERE staff_id = ${idOf("Another machine")})`,
    genuine: () => isOpen(machine.logIn()),
    attack: () => isOpen(logInWithStolenRow()),
  },
  "a role that may do more": {
    table: "staff",
    change: "UPDATE staff SET role = 'administrator' WHERE name = 'Dr. Stranger'",
    genuine: () => isOpen(stranger.send("GET", CONSOLE_PATHS.session)),
    attack: () => isOpen(stranger.send("GET", CONSOLE_PATHS.staff)),
  },
  "an account that is no longer disabled": {
    table: "staff",
    change: "UPDATE staff SET state = 'active' WHERE name = 'Retired machine'",
    genuine: () => isOpen(machine.logIn()),
    attack: () => isOpen(retired.logIn()),
  },
  "a device that sends for another patient": {
    table: "devices",
    change: `UPDATE devices d SET patient_id = o.patient_id FROM devices o WHERE o.id <> d.id`,
    genuine: () => connects(phone),
    attack: () => connects(lost),
  },
};

describe("a row that was changed in the database by hand [HS-312a1]", () => {
  it("is not there at first: the check has looked at all of these tables and finds nothing", async () => {
    const { findings, swept } = await check();
    expect(findings).toEqual([]);
    for (const { table } of Object.values(ATTACKS)) expect(swept[table]).toBeGreaterThan(0);
  });

  it.each(Object.entries(ATTACKS))(
    "opens nothing and is reported: %s",
    async (_what, { table, change, genuine, attack }) => {
      expect(await genuine()).toBe(true);
      await world.tamper(`CREATE TABLE kept AS TABLE ${table}`);
      await world.tamper(change);
      expect(await attack()).toBe(false);
      const { findings } = await check();
      expect(findings.map((finding) => finding.check)).toContain(table);
      const columns = (
        await world.database.query(
          "SELECT string_agg(quote_ident(column_name) || ' = k.' || quote_ident(column_name), ', ') AS set FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1",
          [table],
        )
      ).rows[0]?.text("set");
      const key = KEYS[table] ?? "id";
      await world.tamper(
        `UPDATE ${table} t SET ${columns ?? ""} FROM kept k WHERE k.${key} = t.${key}`,
      );
      await world.tamper("DROP TABLE kept");
      expect((await check()).findings).toEqual([]);
      expect(await genuine()).toBe(true);
    },
  );
});

const KEYS: Readonly<Record<string, string>> = {
  staff_sessions: "id_hash",
  staff_passwords: "staff_id",
  staff_totp: "staff_id",
  staff_keys: "staff_id",
};
