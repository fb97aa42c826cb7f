import { NOTICES, parseNotice } from "@siphms/messages";
import { silentLogger } from "@siphms/server-kit";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findDeviceByKid } from "../enrolment/index.ts";
import { heartRates, openAnswer, sealReadings } from "../testing/phone-messages.ts";
import { enrolActive, openSession, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";
import { repeat } from "./look-around.ts";

let world: ProtocolWorld;
let other: ProtocolWorld;
let session: PhoneSession;

beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  // This process has no connection to the gateway, the other one has.
  world.link.isUp = false;
  other = await world.another();
  session = await enrolActive(world);
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function close(of: PhoneSession): Promise<void> {
  const id = await deviceOf(of);
  await world.database.withTransaction((tx) => world.sessions.closeSessionsOfDevice(tx, id));
  await turn();
  await world.clock.advance(1_000);
}

async function deviceOf({ phone }: PhoneSession): Promise<number> {
  return (await findDeviceByKid(world.database, world.keyring, phone.credential.kid))?.id ?? 0;
}

async function queue(text: string): Promise<void> {
  const notice = {
    deviceId: await deviceOf(session),
    kind: "message",
    body: NOTICES.message.encode({ text }),
  } as const;
  await world.database.withTransaction((tx) => world.sessions.queueNotice(tx, notice));
  await turn();
}

const ofSession = (hospital: ProtocolWorld) =>
  hospital.delivered.filter(({ sid }) => sid.join() === session.keys.sid.join());

describe("what another process has closed", () => {
  it("is closed at the gateway that is connected here, and told it once", async () => {
    await other.sessions.lookAround();
    await close(session);
    await other.sessions.lookAround();
    await other.sessions.lookAround();
    expect(other.closed).toEqual([session.keys.sid]);
  });

  it("is not opened here any more, though it was in memory", async () => {
    const item = await sealReadings(session, [heartRates(world.clock.now() - 5000, 72)]);
    expect((await other.submit(item)).kind).toBe("answer");
    await close(session);
    expect(await other.submit(item)).toEqual({ kind: "no-answer" });
  });

  it("is not told to a gateway that the session did not come by", async () => {
    const elsewhere = await openSession(world, session.phone, {
      gateway: "https://other.example",
    });
    await close(session);
    await other.sessions.lookAround();
    expect(other.closed).not.toContainEqual(elsewhere.keys.sid);
    expect(other.closed).toContainEqual(session.keys.sid);
  });

  it("is told to nobody while there is no connection here either, and later by the connection itself", async () => {
    other.link.isUp = false;
    await close(session);
    await other.sessions.lookAround();
    expect(other.closed).toEqual([]);
  });

  it("is told no more once its pass is over", async () => {
    await close(session);
    await world.clock.advance(86_400_000);
    await other.sessions.onConnected("https://gateway.example");
    expect(other.closed).toEqual([]);
  });
});

describe("a notice that another process has queued", () => {
  it("is delivered by the process that is connected to the device's gateway, once", async () => {
    await queue("please call us");
    expect(ofSession(world)).toEqual([]);
    await other.sessions.lookAround();
    await other.sessions.lookAround();
    const [sending] = ofSession(other);
    const { payload } = await openAnswer(session, sending!.envelope);
    expect(NOTICES.message.parse(parseNotice(payload).body)).toEqual({ text: "please call us" });
    expect(ofSession(other)).toHaveLength(1);
  });

  it("is not delivered a second time by the process that has delivered it", async () => {
    world.link.isUp = true;
    await queue("please call us");
    await world.sessions.lookAround();
    expect(ofSession(world)).toHaveLength(1);
    await vi.waitFor(async () => {
      const handed = `SELECT count(*) AS count FROM notice_sendings
        WHERE sid = $1 AND handed_at IS NOT NULL`;
      expect(await world.count(handed, [session.keys.sid])).toBe(1);
    });
    await other.sessions.lookAround();
    expect(ofSession(other)).toEqual([]);
  });

  it("is not delivered into a session that was closed meanwhile", async () => {
    await queue("please call us");
    await close(session);
    await other.sessions.lookAround();
    expect(ofSession(other)).toEqual([]);
  });
});

describe("looking around again and again", () => {
  it("goes on after a failure, and never twice at once", async () => {
    let [calls, running, most] = [0, 0, 0];
    const stop = repeat(
      async () => {
        calls += 1;
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        throw new Error("the database is away");
      },
      { everyMs: 1, log: silentLogger },
    );
    await vi.waitFor(() => expect(calls).toBeGreaterThan(3));
    stop();
    expect(most).toBe(1);
  });
});
