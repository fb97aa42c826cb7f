import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  CONSOLE_PATHS,
  EMERGENCY_HEADER,
  type PasskeyProof,
  type PasskeyRequest,
} from "@siphms/api";
import { parseRecord } from "@siphms/audit";
import type { Bytes } from "@siphms/cose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  appendAudit,
  createAuditWriter,
  createEntryMaker,
  createSequencer,
  openDetails,
} from "../audit/index.ts";
import { withAudit, type Database } from "../database/index.ts";
import { compareLog } from "../testing/compare-log.ts";
import { putInCare } from "../testing/access-world.ts";
import { createEmergencyWorld, type EmergencyWorld } from "../testing/emergency-world.ts";
import { addPatient, bindDevice, log, storeBatch } from "../testing/hospital-world.ts";
import {
  createLogInWorld,
  openBrowser,
  PASSWORD,
  problemOf,
  setUpPasskey,
  setUpPassword,
  type Browser,
  type LogInWorld,
  type WithPassword,
} from "../testing/log-in-world.ts";
import type { UnsafeAuthenticator } from "../testing/soft-authenticator.ts";
import { encodeFileEntry, FILE_HEAD, readEntryFile } from "./entry-file.ts";
import { ENTRIES_FOLDER, mergeEntryFiles } from "./index.ts";

const own = randomUUID();
const other = randomUUID();
const NAME = "Canary Invented";

let world: LogInWorld;
let emergency: EmergencyWorld;
let database: Database;
let nurse: WithPassword;
let doctor: { readonly authenticator: UnsafeAuthenticator };
/** Their passkey counts nothing, so that only the challenge can be used up. */
let uncounted: { readonly authenticator: UnsafeAuthenticator };
/** The nurse, signed in. */
let browser: Browser;

beforeAll(async () => {
  world = await createLogInWorld();
  nurse = await setUpPassword(world, "Nurse Present", { role: "nurse" });
  doctor = await setUpPasskey(world, "Dr. Present", { counter: 7 });
  uncounted = await setUpPasskey(world, "Dr. Uncounted");
  await addPatient(world, { id: own, mrn: "CANARY-1", name: NAME });
  await addPatient(world, { id: other, mrn: "CANARY-2", name: NAME });
  await putInCare(world, "Nurse Present", own);
  await putInCare(world, "Dr. Present", own);
  const sender = await bindDevice(world, own, {
    ...{ state: "active", confirmedAt: world.clock.now(), confirmedBy: "operator" },
  });
  const start = world.clock.now() - 1000;
  const series = [{ kind: 1, start, step: 0, values: [70], origin: 0 }] as const;
  await storeBatch(world, sender, { receivedAt: world.clock.now(), series });
  await world.clock.advance(60_000);
  await restoredNow(world);
  emergency = await createEmergencyWorld(world);
  database = withAudit(world.database, createAuditWriter(world));
  browser = openBrowser(emergency.console);
});

afterAll(async () => {
  await emergency.stop();
  await world.close();
});

/** What a restore notes in the copy that it makes, and a merge: none of it says how new the records are. */
const restoredNow = ({ database: restored, clock }: LogInWorld) =>
  restored.withTransaction((tx) =>
    appendAudit(
      tx,
      ["audit.key-rotated", "hospital.restored", "emergency.merged"].map((event) => ({
        ...{ at: clock.now(), event, actor: "operator", object: "a-backup" },
        ...{ action: "create", outcome: "done" },
      })),
    ),
  );

const logIn = (from: Browser, code: string, password = PASSWORD) =>
  from.send("POST", CONSOLE_PATHS.logInPassword, { name: nurse.name, password, code });

/** What stands in all files, newest file last. */
const noted = async () => {
  const folder = path.join(emergency.dataFolder, ENTRIES_FOLDER);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".entries"));
  const files = await Promise.all(
    names.map(async (name) => new Uint8Array(await readFile(path.join(folder, name)))),
  );
  return files.flatMap((bytes) => readEntryFile(bytes, world.keyring).entries);
};

/** What `act` added to the files. */
const notedBy = async (act: () => Promise<unknown>) => {
  const before = (await noted()).length;
  await act();
  return (await noted()).slice(before).map(({ entry }) => entry);
};

describe("signing in while the hospital is away", () => {
  it("takes a password with a code, each code once, and keeps the session in memory [HS-308a7C] [HS-312d]", async () => {
    const code = nurse.code(world.clock.now());
    const entries = await notedBy(async () => {
      expect((await logIn(browser, code)).statusCode).toBe(200);
    });
    expect(entries.map(({ event }) => event)).toEqual(["staff.signed-in"]);
    expect((await browser.send("GET", CONSOLE_PATHS.session)).statusCode).toBe(200);
    const again = await notedBy(async () => {
      expect(problemOf(await logIn(openBrowser(emergency.console), code))).toBe("log-in-refused");
    });
    expect(again.map(({ event, outcome }) => [event, outcome])).toEqual([
      ["staff.log-in-refused", "refused"],
    ]);
    const { rows } = await world.database.query("SELECT count(*) AS count FROM staff_sessions");
    // Those that were opened when people set up their factors.
    expect(rows[0]?.number("count")).toBe(3);
  });

  it("takes a passkey, each answer once, and notices a copy of it", async () => {
    const ask = async (): Promise<PasskeyRequest> =>
      (await browser.send("POST", CONSOLE_PATHS.logInPasskeyRequest)).json();
    const enter = async (proof: PasskeyProof): Promise<string> =>
      problemOf(
        await openBrowser(emergency.console).send("POST", CONSOLE_PATHS.logInPasskey, proof),
      );
    const proof = uncounted.authenticator.prove(await ask());
    expect(await enter(proof)).toBe("200");
    expect(await enter(proof)).toBe("log-in-refused");
    const { authenticator } = doctor;
    const copy = authenticator.clone();
    expect(await enter(authenticator.prove(await ask()))).toBe("200");
    expect(await enter(copy.prove(await ask()))).toBe("log-in-refused");
    // Which of the two is the copy, nobody can tell.
    expect(await enter(authenticator.prove(await ask()))).toBe("log-in-refused");
    const events = (await noted()).map(({ entry }) => entry.event);
    expect(events).toContain("staff.passkey-suspended");
  });

  it("takes no wrong password, no wrong code, and no recovery code that would be good once more later", async () => {
    const from = openBrowser(emergency.console, "192.0.2.9");
    await world.clock.advance(60_000);
    const code = nurse.code(world.clock.now());
    expect(problemOf(await logIn(from, code, "otters sleep holding paws"))).toBe("log-in-refused");
    expect(problemOf(await logIn(from, "000000"))).toBe("log-in-refused");
    expect(problemOf(await logIn(from, nurse.recoveryCodes[0] ?? ""))).toBe("log-in-refused");
  });

  it("lets whoever goes on guessing wait, as the hospital does (SR-08)", async () => {
    const from = openBrowser(emergency.console, "198.51.100.7");
    const answers: string[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      answers.push(problemOf(await logIn(from, "000000", "guess number six or so")));
    }
    expect(answers.at(0)).toBe("log-in-refused");
    expect(answers.at(-1)).toBe("too-many-tries");
  });
});

describe("looking while the hospital is away", () => {
  const looks = () => [
    CONSOLE_PATHS.patients,
    `${CONSOLE_PATHS.trends}?patient=${own}`,
    CONSOLE_PATHS.alerts,
    `/api/patients/${own}`,
    `/api/patients/${own}/readings?from=0&to=${String(world.clock.now())}`,
    `/api/patients/${own}/summary?from=0&to=3600000&span=hour`,
    `/api/patients/${own}/quarantine`,
    `/api/patients/${own}/quarantine/entries?state=held`,
    `/api/patients/${own}/alerts`,
    `/api/patients/${own}/plan`,
    `/api/patients/${own}/plan/history`,
    `/api/patients/${own}/messages`,
    `/api/patients/${own}/devices`,
  ];

  it("shows one's own patients, and each look stands in the file with who, whom and why [HS-308a7C] [HS-312a2ii]", async () => {
    for (const url of looks()) {
      const entries = await notedBy(async () => {
        const answer = await browser.send("GET", url);
        expect([url, answer.statusCode]).toEqual([url, 200]);
      });
      expect(entries).toEqual([
        expect.objectContaining({
          ...{ event: "data.disclosed", action: "read", outcome: "done" },
          ...{ subject: own, purpose: "treatment", role: "nurse" },
        }),
      ]);
    }
    const list = await browser.send("GET", CONSOLE_PATHS.patients);
    expect(list.body).toContain(NAME);
    expect(list.json<{ patients: { latest: object[] }[] }>().patients[0]?.latest).toHaveLength(1);
  });

  it("says with every answer since when it is so and up to when the copy goes, also to who is not signed in", async () => {
    const answer = await openBrowser(emergency.console).send("GET", CONSOLE_PATHS.session);
    expect(answer.statusCode).toBe(401);
    const [since, asOf] = String(answer.headers[EMERGENCY_HEADER]).split(" ").map(Number);
    expect(since).toBeGreaterThan(asOf ?? Number.NaN);
    expect(asOf).toBe(world.clock.now() - 120_000);
  });

  it("shows nobody else's patient, and notes that it was tried (SR-23)", async () => {
    const entries = await notedBy(async () => {
      expect(problemOf(await browser.send("GET", `/api/patients/${other}`))).toBe("not-found");
    });
    expect(entries).toEqual([
      expect.objectContaining({ event: "access.refused", subject: other, outcome: "refused" }),
    ]);
  });

  it("refuses with words whatever is more than looking: every other route there is", async () => {
    const served: string[] = [];
    for (const { method, url } of emergency.console.routeTable) {
      const path = url.replace(/:patient/, own).replace(/:\w+/, "A".repeat(22));
      if (!url.startsWith("/api/") || method === "HEAD" || method === "OPTIONS") continue;
      const verb = (["GET", "PUT", "DELETE"] as const).find((one) => one === method) ?? "POST";
      const ask = (address: string) =>
        emergency.console.inject({ method: verb, url: address, headers: browser.headers });
      const answer = await ask(path);
      if (problemOf(answer) === "emergency-mode") {
        expect(answer.statusCode).toBe(503);
        expect(answer.json<{ detail: string }>().detail).toContain("when the server is back");
        // The same address written otherwise finds the same route.
        const written = await ask(path.replace("/api/", "/%61pi/"));
        expect([url, problemOf(written)]).toEqual([url, "emergency-mode"]);
      } else served.push(`${method} ${url}`);
    }
    expect(served.sort()).toEqual([
      "DELETE /api/session",
      "DELETE /api/sessions",
      "GET /api/alerts",
      "GET /api/patients",
      "GET /api/patients/:patient",
      "GET /api/patients/:patient/alerts",
      "GET /api/patients/:patient/devices",
      "GET /api/patients/:patient/evidence/:messageId",
      "GET /api/patients/:patient/evidence/:messageId/file",
      "GET /api/patients/:patient/messages",
      "GET /api/patients/:patient/plan",
      "GET /api/patients/:patient/plan/history",
      "GET /api/patients/:patient/quarantine",
      "GET /api/patients/:patient/quarantine/entries",
      "GET /api/patients/:patient/readings",
      "GET /api/patients/:patient/summary",
      "GET /api/session",
      "GET /api/trends",
      "POST /api/log-in/passkey",
      "POST /api/log-in/passkey/request",
      "POST /api/log-in/password",
      "POST /api/session",
      "POST /api/session/step-up/passkey",
      "POST /api/session/step-up/passkey/request",
      "POST /api/session/step-up/password",
    ]);
    expect(problemOf(await browser.send("GET", "/api/nowhere"))).toBe("emergency-mode");
  });

  it("shows nothing of a patient, on any route, while nothing can be written, and goes on when it can (SR-61) [HS-312b] [HS-308a7C]", async () => {
    const folder = path.join(emergency.dataFolder, ENTRIES_FOLDER);
    const aside = `${folder}-aside`;
    await rename(folder, aside);
    await writeFile(folder, "no folder");
    // What was open is still there under another name; it is as if the disk were gone.
    for (const name of await readdir(aside)) await writeFile(path.join(aside, name), "");
    for (const url of looks()) {
      const answer = await browser.send("GET", url);
      expect([url, problemOf(answer), answer.statusCode]).toEqual([url, "not-recorded", 503]);
      expect(answer.body).not.toContain("Canary");
      expect(answer.body).not.toContain("CANARY");
    }
    await rm(folder);
    const answer = await browser.send("GET", CONSOLE_PATHS.patients);
    expect(answer.statusCode).toBe(200);
    const events = (await noted()).map(({ entry }) => entry.event);
    expect(events).toEqual(["emergency.began", "data.disclosed"]);
    await rm(aside, { recursive: true });
  });
});

describe("when the hospital is back", () => {
  const merge = () =>
    mergeEntryFiles("operator", { ...world, database, dataFolder: emergency.dataFolder });
  const count = async (): Promise<number> => {
    const { rows } = await database.query("SELECT count(*) AS count FROM audit_events");
    return rows[0]?.number("count") ?? 0;
  };

  it("its log takes each entry once, as it was made, however often it is told to [HS-312b] [HS-308a7C]", async () => {
    await browser.send("GET", `/api/patients/${own}`);
    const made = await noted();
    await emergency.comeBack();
    const before = await count();
    const [file, ...others] = (await merge()).files;
    // All that was noted, that it ended in order, and one entry that says what came.
    expect(file).toMatchObject({ kind: "merged", added: made.length + 1, tornBytes: 0 });
    expect(others).toEqual([]);
    expect(await count()).toBe(before + made.length + 2);
    expect((await merge()).files).toEqual([]);
    await takeBack();
    expect((await merge()).files).toEqual([expect.objectContaining({ kind: "merged", added: 0 })]);
    expect(await count()).toBe(before + made.length + 2);
    const { rows } = await database.query(
      "SELECT entry, subject FROM audit_events WHERE instance = $1 ORDER BY sequence",
      [made[0]?.instance ?? new Uint8Array()],
    );
    expect(rows.slice(0, made.length).map((row) => row.bytes("entry"))).toEqual(
      made.map(({ leaf }) => leaf),
    );
    const looked = rows.find((row) => parseRecord(row.bytes("entry")).event === "data.disclosed");
    expect(looked?.text("subject")).toBe(own);
    await createSequencer({ ...world, database, log }).run();
    // Each row and its details are as the leaf says that was made without a database.
    expect(await compareLog({ database, keyring: world.keyring })).toMatchObject({
      ...{ ok: true, findings: [], waiting: 0 },
    });
  });

  /** The newest entry, with what it says beside its members. */
  const newestEntry = async () => {
    const { rows } = await database.query(
      "SELECT id, event, outcome, object, subject FROM audit_events ORDER BY id DESC LIMIT 1",
    );
    const [row] = rows;
    if (row === undefined) throw new Error("there is no entry");
    const [id, subject] = [row.number("id"), row.textOrNull("subject")];
    const details = (await openDetails(database, world.keyring, [{ id, subject }])).get(id);
    return [row.text("event"), row.text("outcome"), row.text("object"), details];
  };
  /** What the log has of the run, by its sequences. */
  const merged = async (instance: Bytes): Promise<readonly number[]> => {
    const { rows } = await database.query(
      "SELECT sequence FROM audit_events WHERE instance = $1 ORDER BY sequence",
      [instance],
    );
    return rows.map((row) => row.number("sequence"));
  };
  /** A run that nobody has merged yet: its file, and where each of its entries ends. */
  const newRun = (looks: number) => {
    const { keyring, crypto } = world;
    const maker = createEntryMaker({ keyring, crypto });
    const made = maker.make(
      Array.from({ length: looks }, (_, at) => ({
        ...{ at: world.clock.now() + at, event: "data.disclosed", actor: "staff:1", subject: own },
        ...{ object: "readings", action: "read", outcome: "done", purpose: "treatment" },
      })),
    );
    const parts = made.map((one) => encodeFileEntry(one, keyring));
    const run = Buffer.from(maker.instance).toString("hex");
    return {
      ...{ run, instance: maker.instance, bytes: Buffer.concat([FILE_HEAD, ...parts]) },
      place: path.join(folder(), `${run}.entries`),
      begins: (index: number) =>
        parts.slice(0, index).reduce((sum, part) => sum + part.length, FILE_HEAD.length),
    };
  };

  it("of a file with one flipped byte the log takes every entry before it, once, and says where it ended [HS-312b] [HS-312c1]", async () => {
    const { run, instance, bytes, place, begins } = newRun(5);
    const altered = Buffer.from(bytes);
    const at = begins(3) + 60;
    altered[at] = (altered[at] ?? 0) ^ 1;
    await writeFile(place, altered);
    const refusedBytes = bytes.length - begins(3);
    const refused = { file: `${run}.entries`, kind: "refused", entries: 3, refusedBytes };
    expect((await merge()).files).toEqual([{ ...refused, added: 3 }]);
    expect(await merged(instance)).toEqual([0, 1, 2]);
    const said = ["emergency.merge-refused", "refused", run, { taken: 3, refusedBytes }];
    expect(await newestEntry()).toEqual(said);
    // It is kept as it is, under another name, and is not looked at again.
    const aside = (await readdir(folder())).filter((name) => name.startsWith(`${run}.refused-`));
    expect(aside).toHaveLength(1);
    expect(await readFile(path.join(folder(), aside[0] ?? ""))).toEqual(altered);
    expect((await merge()).files).toEqual([]);
    // The same copy once more adds nothing; the true one adds the rest.
    await writeFile(place, altered);
    expect((await merge()).files).toEqual([{ ...refused, added: 0 }]);
    await writeFile(place, bytes);
    expect((await merge()).files).toMatchObject([{ kind: "merged", entries: 5, added: 2 }]);
    expect(await merged(instance)).toEqual([0, 1, 2, 3, 4]);
    await rm(place);
    expect((await readdir(folder())).filter((name) => name.includes(".refused-"))).toEqual(aside);
  });

  it.each([
    ["no byte", 0],
    ["half of its first line", 10],
    ["its first line", FILE_HEAD.length],
    ["half of its first entry", FILE_HEAD.length + 50],
  ])(
    "a file that was cut to %s is refused, and the log says of which run [HS-312b] [HS-312c1]",
    async (_what, length) => {
      const { run, instance, bytes, place } = newRun(2);
      await writeFile(place, bytes.subarray(0, length));
      const [report] = (await merge()).files;
      expect(report).toMatchObject({ kind: "refused", entries: 0, added: 0 });
      const [event, outcome, object, details] = await newestEntry();
      expect([event, outcome, object]).toEqual(["emergency.merge-refused", "refused", run]);
      expect(details).toMatchObject({ taken: 0 });
      expect(await merged(instance)).toEqual([]);
      expect((await merge()).files).toEqual([]);
    },
  );

  it("nothing of a file is taken whose first entry was written over", async () => {
    const { bytes, place, begins } = newRun(2);
    bytes.set(Buffer.alloc(40), begins(0) + 40);
    await writeFile(place, bytes);
    expect((await merge()).files).toMatchObject([{ kind: "refused", entries: 0, added: 0 }]);
  });

  const folder = (): string => path.join(emergency.dataFolder, ENTRIES_FOLDER);
  const onlyFile = async (): Promise<string> =>
    path.join(folder(), (await readdir(folder()))[0] ?? "");
  /** Puts the merged file back where it was, as somebody might who is not sure. */
  const takeBack = async (): Promise<void> => {
    const place = await onlyFile();
    await rename(place, place.replace(/merged$/, "entries"));
  };
});
