import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSequencer, readLogKeys } from "./audit/index.ts";
import { recogniseServer } from "./known-server.ts";
import { entriesOf } from "./testing/audit-entries.ts";
import { HOSPITAL, log } from "./testing/hospital-world.ts";
import { heartRates, sealReadings } from "./testing/phone-messages.ts";
import { enrolActive, openSession, type PhoneSession } from "./testing/phone.ts";
import { createProtocolWorld, newDoctor, type ProtocolWorld } from "./testing/protocol-world.ts";

let world: ProtocolWorld;
let session: PhoneSession;

beforeAll(async () => {
  world = await createProtocolWorld();
  session = await enrolActive(world);
  const readings = [heartRates(world.clock.now() - 5000, 72)];
  await world.submit(await sealReadings(session, readings));
  const doctor = await newDoctor(world, "Dr. Present");
  await world.tamper(`INSERT INTO staff_sessions VALUES ($1, $2, 0, 0, $3, 1, '', 0, 'password')`, [
    randomBytes(32),
    doctor,
    world.clock.now() + 1000,
  ]);
});

afterAll(() => world.close());

/** A start of the hospital, as far as it looks at its server. */
const start = () =>
  recogniseServer({ ...world, installation: HOSPITAL }, { clock: world.clock, log });

const stands = async () => ({
  open: await world.count(
    "SELECT count(*) AS count FROM sessions WHERE closed_at IS NULL AND sealed IS NOT NULL",
  ),
  keys: await world.count("SELECT count(*) AS count FROM sessions WHERE sealed IS NOT NULL"),
  answers: await world.count("SELECT count(*) AS count FROM session_seqs"),
  staff: await world.count("SELECT count(*) AS count FROM staff_sessions"),
  origins: (await readLogKeys(world.database, world.keyring)).length,
});

const BEFORE = { open: 1, keys: 1, answers: 1, staff: 1, origins: 1 };

describe("a start on the server that the hospital was on before", () => {
  it("stores at the first start which it is, as the service's role, and closes nothing", async () => {
    const before = await stands();
    expect(before).toMatchObject(BEFORE);
    expect(await entriesOf(world, start)).toEqual([]);
    expect(await stands()).toEqual(before);
    const { rows } = await world.database.query("SELECT server FROM known_server");
    expect(rows.map((row) => row.text("server"))).toEqual([
      expect.stringMatching(/^[0-9]+\/00000001$/),
    ]);
  });

  it("changes nothing at later ones", async () => {
    const before = await stands();
    expect(await entriesOf(world, start)).toEqual([]);
    expect(await start()).toBe(false);
    expect(await stands()).toEqual(before);
  });
});

describe("a start on a server that was promoted or recovered to a point in time", () => {
  it.each([
    ["another timeline", "split_part(server, '/', 1) || '/00000002'"],
    ["another system", "'1/' || split_part(server, '/', 2)"],
  ])(
    "closes every session and erases its keys, once for two processes: %s (SR-31) [HS-308a7B]",
    async (_, stored) => {
      const live = await openSession(world, session.phone);
      const { origins } = await stands();
      await world.tamper(`UPDATE known_server SET server = ${stored}`);
      let outcomes: readonly boolean[] = [];
      const entries = await entriesOf(world, async () => {
        outcomes = await Promise.all([start(), start()]);
      });
      expect([...outcomes].sort()).toEqual([false, true]);
      expect(entries.map(({ event, actor }) => [event, actor])).toEqual([
        ["audit.key-rotated", "hospital"],
        ["hospital.server-changed", "hospital"],
      ]);
      expect(await stands()).toEqual({
        ...{ open: 0, keys: 0, answers: 0, staff: 0, origins: origins + 1 },
      });
      const readings = [heartRates(world.clock.now() - 5000, 72)];
      const restarted = world.restart();
      const answer = await restarted.submit(await sealReadings(live, readings));
      expect(answer).toEqual({ kind: "no-answer" });
    },
  );

  it("goes on with the log under the next origin, and with new sessions", async () => {
    await createSequencer({ ...world, log }).run();
    const fresh = await openSession(world, session.phone);
    expect(await stands()).toMatchObject({ open: 1 });
    expect(fresh.keys.sid).not.toEqual(session.keys.sid);
  });
});
