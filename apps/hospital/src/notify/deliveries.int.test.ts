import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCheck } from "../check/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { createConsoleWorld, type ConsoleWorld } from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { decodeMailText, startMailServer, type TestMailServer } from "../testing/mail-server.ts";
import { createNotifyWorld, type NotifyWorld } from "../testing/notify-world.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../testing/webhook-receiver.ts";
import { createMailWay } from "./mail.ts";
import { claimDue, CLAIM_MS, settle } from "./outbox.ts";
import type { NotifyWays } from "./outgoing.ts";
import type { AlertToTell } from "./ports.ts";
import { ALARMING_TRIES, GIVE_UP_MS } from "./retries.ts";
import { createWebhookWay } from "./webhook.ts";

const DOCTOR = "Dr. Caring";
const NURSE = "Nurse Caring";
const ADDRESS = "caring@hospital.example";
const MRN = "MRN-4711-SECRET";
const PATIENT_NAME = "Ada Invented";
const CONSOLE = "https://console.hospital.example";

let world: HospitalWorld;
let site: ConsoleWorld;
let mail: TestMailServer;
let receiver: WebhookReceiver;
let patient: string;
let told: NotifyWorld;
let alerts = 0;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: MRN, name: PATIENT_NAME });
  for (const [name, role] of [
    [DOCTOR, "doctor"],
    [NURSE, "nurse"],
  ] as const) {
    await site.signIn(name, role);
    await putInCare(world, name, patient);
  }
});
afterAll(() => world.close());

beforeEach(async () => {
  mail = await startMailServer();
  receiver = await startWebhookReceiver();
  told = createNotifyWorld(world, waysTo(mail.port, receiver.url));
  await told.desk.setContact(await idOf(DOCTOR), { email: ADDRESS });
});
afterEach(async () => {
  await mail.close();
  await receiver.close();
  await world.tamper(
    "DELETE FROM alert_telling_tries; DELETE FROM alert_tellings; DELETE FROM system_alerts",
  );
});

const waysTo = (port: number, url: URL): NotifyWays => ({
  email: createMailWay({
    ...{ host: "127.0.0.1", port, user: undefined, password: undefined },
    ...{ isSecure: false, isLoopback: true, needsTls: false, limitMs: 1000 },
    ...{ from: "siphms@hospital.example", consoleOrigin: CONSOLE },
  }),
  webhook: createWebhookWay({
    ...{ url, secrets: [new Uint8Array(32).fill(7)], consoleOrigin: CONSOLE, limitMs: 1000 },
  }),
});
const idOf = async (name: string): Promise<number> => {
  const { rows } = await world.database.query("SELECT id FROM staff WHERE name = $1", [name]);
  return rows[0]?.number("id") ?? 0;
};
const raise = async (): Promise<AlertToTell> => {
  alerts += 1;
  const alert: AlertToTell = {
    ...{ id: alerts, patientId: patient, channel: "clinical", level: "urgent" },
    raised: world.clock.now(),
  };
  await told.raise(alert);
  return alert;
};
const stateOf = async ({ id }: AlertToTell, way: "email" | "webhook") =>
  (await told.toldOf(id)).find((one) => one.way === way);
/** Goes on to the time of the next try of one way, and makes it. */
const tryAgain = async (world_: NotifyWorld = told) => {
  const { rows } = await world.database.query(
    "SELECT min(next_try_at) AS next FROM alert_tellings WHERE next_try_at IS NOT NULL",
  );
  const next = rows[0]?.numberOrNull("next") ?? null;
  if (next !== null) world.clock.skewWall(Math.max(0, next - world.clock.now()));
  await world_.job.run();
  return next !== null;
};

describe("an alert by e-mail and webhook", () => {
  it("reaches whoever set an address, and the receiver, once", async () => {
    const alert = await raise();
    await told.job.run();
    await told.job.run();
    expect(mail.mails.map(({ to }) => to)).toEqual([[ADDRESS]]);
    expect(receiver.posts).toHaveLength(1);
    const at = world.clock.now();
    expect(await told.toldOf(alert.id)).toEqual([
      { to: DOCTOR, way: "console", step: 0, state: "waiting", at, tries: 0 },
      { to: NURSE, way: "console", step: 0, state: "waiting", at, tries: 0 },
      { to: DOCTOR, way: "email", step: 0, state: "delivered", at, settled: at, tries: 1 },
      { to: "127.0.0.1", way: "webhook", step: 0, state: "delivered", at, settled: at, tries: 1 },
    ]);
  });

  it("holds nothing of the patient and of what was found, in none of the bytes that came (SR-53, SR-66) [HS-312e1]", async () => {
    const alert = await raise();
    await told.job.run();
    const texts = [
      ...mail.mails.flatMap(({ text }) => [text, decodeMailText(text)]),
      ...receiver.posts.map((post) => JSON.stringify(post)),
    ];
    expect(texts).toHaveLength(3);
    const secrets = [
      PATIENT_NAME,
      "Ada",
      "Invented",
      MRN,
      "4711",
      patient,
      "1950",
      "Heart failure",
    ];
    const findings = [
      "heart-rate",
      "heart",
      "bpm",
      "SpO2",
      "limit",
      "NEWS",
      String(alert.id * 1000),
    ];
    for (const text of texts) {
      for (const secret of [...secrets, ...findings]) {
        expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
        expect(text).not.toContain(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
      }
    }
    // What would be found, is: the test looks at the right text.
    expect(texts[1]).toContain("Level: urgent");
    expect(texts[2]).toContain("urgent");
  });

  it("does not go by e-mail to whoever set no address, or took it away before it left", async () => {
    await raise();
    await told.desk.setContact(await idOf(DOCTOR), { email: null });
    await told.job.run();
    await raise();
    await told.job.run();
    expect(mail.mails).toEqual([]);
    expect(await told.faults()).toEqual([]);
  });

  it("does not leave any more once somebody has acknowledged it", async () => {
    const alert = await raise();
    await told.acknowledge(alert.id);
    await told.job.run();
    expect([mail.mails, receiver.posts]).toEqual([[], []]);
    expect(await stateOf(alert, "email")).toBeUndefined();
  });

  it("that the server took while it was taken back was told all the same", async () => {
    const alert = await raise();
    const [claimed] = await claim("email");
    await told.acknowledge(alert.id);
    if (claimed === undefined) throw new Error("nothing was due");
    const ended = { outcome: "delivered", at: world.clock.now() } as const;
    await world.database.withTransaction((tx) => settle(tx, claimed, ended));
    expect(await stateOf(alert, "email")).toMatchObject({ state: "delivered" });
  });
});

const claim = (way: "email" | "webhook") =>
  claimDue(world.database, { way, now: world.clock.now(), limit: 1 });

describe("a delivery that fails", () => {
  it("is tried again, each try on record, until the server is up", async () => {
    const { port } = mail;
    await mail.close();
    const alert = await raise();
    await told.job.run();
    expect(await stateOf(alert, "email")).toMatchObject({ state: "waiting", tries: 1 });
    // Not before its time.
    await told.job.run();
    expect(await stateOf(alert, "email")).toMatchObject({ tries: 1 });
    mail = await startMailServer({}, port);
    await tryAgain();
    expect(await stateOf(alert, "email")).toMatchObject({ state: "delivered", tries: 2 });
    const { rows } = await world.database.query(
      `SELECT t.outcome FROM alert_telling_tries t JOIN alert_tellings a ON a.id = t.telling_id
       WHERE a.way = 'email' ORDER BY t.try`,
    );
    expect(rows.map((row) => row.text("outcome"))).toEqual(["unreachable", "delivered"]);
    expect(mail.mails).toHaveLength(1);
  });

  it("opens a system alert after some tries, and is given up in the end (SR-66)", async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const alert = await raise();
    await told.job.run();
    for (let attempt = 2; attempt < ALARMING_TRIES; attempt++) await tryAgain();
    expect(await told.faults()).toEqual([]);
    await tryAgain();
    const fault = { what: "delivery-failed", way: "webhook", reason: "refused" };
    expect(await told.faults()).toMatchObject([{ ...fault, count: 1 }]);
    while (await tryAgain());
    expect(await stateOf(alert, "webhook")).toMatchObject({ state: "failed" });
    expect(world.clock.now() - alert.raised).toBeGreaterThanOrEqual(GIVE_UP_MS);
    expect(await told.faults()).toMatchObject([{ ...fault, count: 2 }]);
    const posts = receiver.posts.length;
    world.clock.skewWall(24 * GIVE_UP_MS);
    await told.job.run();
    expect(receiver.posts).toHaveLength(posts);
    // The same message each time, so that the receiver can tell.
    expect(new Set(receiver.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("by one way holds up neither the other way nor other messages", async () => {
    mail.hold(true);
    const [one, two] = [await raise(), await raise()];
    const running = told.job.run();
    await expect.poll(() => receiver.posts.length).toBe(2);
    expect(mail.mails).toEqual([]);
    mail.hold(false);
    await running;
    while ((await stateOf(two, "email"))?.state === "waiting") await tryAgain();
    for (const alert of [one, two]) {
      expect(await stateOf(alert, "email")).toMatchObject({ state: "delivered" });
    }
  });

  it("because the way is not set up any more is a failure like others", async () => {
    const alert = await raise();
    const without = createNotifyWorld(world, {});
    await without.job.run();
    while (await tryAgain(without));
    expect(await stateOf(alert, "email")).toMatchObject({ state: "failed" });
    expect(await told.faults()).toMatchObject([
      { reason: "not-configured" },
      { reason: "not-configured" },
    ]);
  });
});

describe("several programs", () => {
  it("send each message once, whichever of them comes first", async () => {
    const other = createNotifyWorld(world, waysTo(mail.port, receiver.url));
    for (let count = 0; count < 20; count++) await raise();
    await Promise.all([told.job.run(), other.job.run()]);
    expect(mail.mails).toHaveLength(20);
    expect(receiver.posts).toHaveLength(20);
    const ids = receiver.posts.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(20);
  });

  it("take up what one left that was killed between sending and noting, under the same id", async () => {
    await raise();
    const [claimed] = await claim("webhook");
    if (claimed === undefined) throw new Error("nothing was due");
    const { webhook } = waysTo(mail.port, receiver.url);
    expect(await webhook?.send(claimed.message, world.clock.now())).toBe("delivered");
    // It is killed here. As long as it may still be at it, nobody else sends the same.
    world.clock.skewWall(CLAIM_MS - 1);
    await told.job.run();
    expect(receiver.posts).toHaveLength(1);
    world.clock.skewWall(1);
    await told.job.run();
    const ids = receiver.posts.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual([claimed.message.id, claimed.message.id]);
  });

  it("do not undo what the one who came after has noted", async () => {
    const alert = await raise();
    const [slow] = await claim("webhook");
    if (slow === undefined) throw new Error("nothing was due");
    world.clock.skewWall(CLAIM_MS);
    await told.job.run();
    const ended = { outcome: "too-slow", at: world.clock.now() } as const;
    const settled = await world.database.withTransaction((tx) => settle(tx, slow, ended));
    expect(settled).toBe("late");
    expect(await stateOf(alert, "webhook")).toMatchObject({ state: "delivered" });
  });
});

describe("an address that was altered in the database", () => {
  const others =
    "UPDATE staff_contacts SET sealed = (SELECT sealed FROM staff_contacts WHERE staff_id = $1) WHERE staff_id = $2";

  it("gets nothing, administrators hear of it, and setting it anew mends it", async () => {
    await told.desk.setContact(await idOf(NURSE), { email: "other@hospital.example" });
    await world.tamper(others, [await idOf(NURSE), await idOf(DOCTOR)]);
    const alert = await raise();
    await told.job.run();
    expect(mail.mails.map(({ to }) => to)).toEqual([["other@hospital.example"]]);
    for (let attempt = 2; attempt <= ALARMING_TRIES; attempt++) await tryAgain();
    expect(await told.faults()).toMatchObject([{ way: "email", reason: "address-altered" }]);
    expect(await told.desk.readContact(await idOf(DOCTOR))).toEqual({
      ...{ email: null, works: true, altered: true },
    });
    await told.desk.setContact(await idOf(DOCTOR), { email: ADDRESS });
    await tryAgain();
    expect((await told.toldOf(alert.id)).filter(({ way }) => way === "email")).toMatchObject([
      { to: DOCTOR, state: "delivered" },
      { to: NURSE, state: "delivered" },
    ]);
    await told.desk.setContact(await idOf(NURSE), { email: null });
  });

  it.each([
    ["taken away", "sealed = NULL"],
    ["with a time that no row of ours has", "set_at = 9e18"],
  ])("is not forgotten in silence: %s", async (_name, change) => {
    const doctor = await idOf(DOCTOR);
    await world.tamper(`UPDATE staff_contacts SET ${change} WHERE staff_id = $1`, [doctor]);
    const alert = await raise();
    await told.job.run();
    for (let attempt = 2; attempt <= ALARMING_TRIES; attempt++) await tryAgain();
    expect(await stateOf(alert, "email")).toMatchObject({
      state: "waiting",
      tries: ALARMING_TRIES,
    });
    expect(await told.faults()).toMatchObject([{ way: "email", reason: "address-altered" }]);
  });

  it.each([
    ["staff_contacts", "UPDATE staff_contacts SET sealed = NULL"],
    ["staff_contacts", "UPDATE staff_contacts SET set_at = set_at + 1"],
    ["contacts", "DELETE FROM staff_contacts"],
    ["escalation_policies", "UPDATE escalation_policies SET steps = '[]'"],
    ["escalation_policies", "UPDATE escalation_policies SET reason = '\\x00'"],
    ["escalation", "DELETE FROM escalation_policies"],
  ])("is found by siphms check, in %s: %s", async (check, sql) => {
    const { version } = await told.desk.readEscalation();
    const steps = [{ urgentAfterMinutes: 5, warnAfterMinutes: 30, to: [NURSE] }];
    await told.desk.setEscalation({ version, steps, reason: "Agreed on the round" }, "staff:1");
    const look = async () => {
      const kek = { kind: "command", program: "true", arguments: [] } as const;
      const { findings } = await runCheck({ ...world, kek, dataFolder: "/nowhere" });
      // Nobody makes partitions here, nor carries the log on.
      return findings.filter((one) => !["audit-log", "partitions", "files"].includes(one.check));
    };
    expect(await look()).toEqual([]);
    await world.tamper(sql);
    expect(new Set((await look()).map((one) => one.check))).toContain(check);
    // As if none had ever been set.
    await world.tamper(
      "DELETE FROM audit_events WHERE event IN ('escalation.set', 'contact.set'); DELETE FROM escalation_policies; DELETE FROM staff_contacts",
    );
  });
});
