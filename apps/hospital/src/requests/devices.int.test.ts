import { METHODS, type PatientDevice } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findDeviceByKid } from "../enrolment/index.ts";
import { bindDevice } from "../testing/hospital-world.ts";
import {
  heartRates,
  receiptOf,
  reseal,
  responseOf,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import {
  enrolActive,
  enrolPending,
  openSession,
  shakeHands,
  type PhoneSession,
} from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

const MINUTE = 60_000;
let world: ProtocolWorld;
let patientId: string;
let mine: PhoneSession;
let other: PhoneSession;
let stranger: PhoneSession;

beforeAll(async () => {
  world = await createProtocolWorld();
  stranger = await enrolActive(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  patientId = await newPatient(world);
  mine = await enrolActive(world, patientId);
  other = await enrolActive(world, patientId);
  await world.clock.advance(MINUTE);
  world.closed.length = 0;
  world.revoked.length = 0;
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const kidOf = ({ phone }: PhoneSession) => phone.credential.kid;
const recent = () => [heartRates(world.clock.now() - 5000, 72)];
const done = { error: 0, result: new Map() };

async function stateOf(session: PhoneSession): Promise<string | undefined> {
  return (await findDeviceByKid(world.database, world.keyring, kidOf(session)))?.state;
}

async function list(session: PhoneSession): Promise<readonly PatientDevice[]> {
  const item = await sealRequest(session, { method: "devices" });
  const { error, result } = await responseOf(session, await world.submit(item));
  expect(error).toBe(0);
  return METHODS.devices.result.parse(result).devices;
}

function sealRevoke(
  session: PhoneSession,
  kid: Uint8Array,
  changes?: Parameters<typeof sealRequest>[2],
) {
  const parameters = METHODS["revoke-device"].parameters.encode({ kid: new Uint8Array(kid) });
  return sealRequest(session, { method: "revoke-device", parameters }, changes);
}

async function revoke(...[session, kid, changes]: Parameters<typeof sealRevoke>) {
  return responseOf(session, await world.submit(await sealRevoke(session, kid, changes)));
}

describe("devices", () => {
  it("lists every device of the patient with its state, those that can still speak first", async () => {
    await revoke(mine, kidOf(other));
    const pending = await enrolPending(world, patientId);
    const devices = await list(mine);
    expect(devices.map(({ kid, state, name }) => [kid, state, name])).toEqual([
      [kidOf(pending), "pending", "phone"],
      [kidOf(mine), "active", "phone"],
      [kidOf(other), "revoked", "phone"],
    ]);
  });

  it("says when a device was last heard of, and nothing of one that never was", async () => {
    await world.submit(await sealReadings(other, recent()));
    const devices = await list(mine);
    const seen = (session: PhoneSession) =>
      devices.find(({ kid }) => kid.join() === kidOf(session).join())?.lastSeen;
    expect(seen(other)).toBe(world.clock.now());
    expect(seen(mine)).toBeUndefined();
  });

  it("shows nothing of another patient's", async () => {
    const kids = (await list(stranger)).map(({ kid }) => kid.join());
    expect(kids).toEqual([kidOf(stranger).join()]);
  });

  it("leaves out the oldest that are over where there are more than an answer can hold", async () => {
    const of = await newPatient(world);
    const last = await enrolActive(world, of);
    for (let i = 0; i < 320; i++) await enrolDropped(of);
    const devices = await list(last);
    expect(devices).toHaveLength(300);
    expect(devices[0]?.kid).toEqual(kidOf(last));
  });

  it("is answered with pending to a device that waits for its confirmation", async () => {
    const pending = await enrolPending(world, patientId);
    const item = await sealRequest(pending, { method: "devices" });
    expect(await responseOf(pending, await world.submit(item))).toMatchObject({ error: "pending" });
  });
});

describe("revoke-device", () => {
  it("takes another device of the patient away, closes its sessions and tells the screens", async () => {
    const second = await openSession(world, other.phone);
    expect(await revoke(mine, kidOf(other))).toMatchObject(done);
    expect(await stateOf(other)).toBe("revoked");
    await turn();
    expect(world.closed).toEqual(expect.arrayContaining([other.keys.sid, second.keys.sid]));
    expect(world.closed).not.toContainEqual(mine.keys.sid);
    expect(world.revoked).toEqual([patientId]);
    expect((await shakeHands(world, other.phone)).kind).toBe("refused");
    const outcome = await world.submit(await sealReadings(mine, recent()));
    expect(await receiptOf(mine, outcome)).toMatchObject({ outcome: 0 });
  });

  it("names in the audit log which device did it to which", async () => {
    await revoke(mine, kidOf(other));
    const hex = (session: PhoneSession) => Buffer.from(kidOf(session)).toString("hex");
    const entries = await world.count(
      "SELECT count(*) AS count FROM audit_events WHERE event = 'device.revoked' AND actor = $1 AND object = $2",
      [`device:${hex(mine)}`, `device:${hex(other)}`],
    );
    expect(entries).toBe(1);
  });

  it("takes the asking device itself away, after its answer", async () => {
    const { sid, body } = await sealRevoke(mine, kidOf(mine));
    const outcome = await new Promise<Parameters<typeof responseOf>[1]>((resolve) => {
      world.ingest.submit({ sid, body, receivedAt: world.clock.now() }, (answer) => {
        expect(world.closed).not.toContainEqual(sid);
        resolve(answer);
      });
    });
    expect(await responseOf(mine, outcome)).toMatchObject(done);
    await turn();
    expect(world.closed).toContainEqual(sid);
    expect(await stateOf(mine)).toBe("revoked");
    expect(await world.submit(await sealReadings(mine, recent()))).toEqual({ kind: "no-answer" });
  });

  it("tells the gateway of a device that takes itself away a second later than of another one", async () => {
    const third = await enrolActive(world, patientId);
    await world.clock.advance(MINUTE);
    const pauses: number[] = [];
    const waiting = world.restart({
      pause: (ms) => {
        pauses.push(ms);
        return new Promise(() => undefined);
      },
    });
    await waiting.submit(await sealRevoke(third, kidOf(other)));
    await turn();
    expect(waiting.closed).toEqual([other.keys.sid]);
    await world.clock.advance(1);
    await waiting.submit(await sealRevoke(third, kidOf(third)));
    await turn();
    expect(waiting.closed, "else the answer does not reach it").toEqual([other.keys.sid]);
    expect(pauses).toEqual([1000]);
    expect(await waiting.submit(await sealReadings(third, recent()))).toEqual({
      kind: "no-answer",
    });
  });

  it("changes nothing a second time, and says so with the same answer", async () => {
    expect(await revoke(mine, kidOf(other))).toMatchObject(done);
    await world.clock.advance(1);
    expect(await revoke(mine, kidOf(other))).toMatchObject(done);
    expect(world.revoked).toEqual([patientId]);
  });

  it("is carried out once where the same request comes again", async () => {
    const item = await sealRevoke(mine, kidOf(other));
    const first = await responseOf(mine, await world.submit(item));
    const again = await responseOf(mine, await world.submit(await reseal(mine, item.signed)));
    expect(again).toEqual(first);
    expect(world.revoked).toEqual([patientId]);
  });

  it("takes a device away that waits for its confirmation, and its code with it", async () => {
    const pending = await enrolPending(world, patientId);
    expect(await revoke(mine, kidOf(pending))).toMatchObject(done);
    expect(await stateOf(pending)).toBe("revoked");
  });

  it("is refused for another patient's device as for one that nobody has", async () => {
    const theirs = await revoke(mine, kidOf(stranger));
    const nobodys = await revoke(mine, world.crypto.randomBytes(8));
    expect([theirs.error, theirs.result]).toEqual(["refused", new Map()]);
    expect([nobodys.error, nobodys.result]).toEqual(["refused", new Map()]);
    expect(await stateOf(stranger)).toBe("active");
    expect(world.closed).toEqual([]);
  });

  it("that was refused does not make another one stale", async () => {
    await revoke(mine, kidOf(stranger));
    const created = world.clock.now() - 1000;
    expect(await revoke(mine, kidOf(other), { created })).toMatchObject(done);
  });

  it("is stale where one that was asked for later has been carried out, whichever device asked", async () => {
    const third = await enrolActive(world, patientId);
    await world.clock.advance(MINUTE);
    const early = await sealRevoke(other, kidOf(third), { created: world.clock.now() - 1 });
    const same = await sealRevoke(other, kidOf(third), { created: world.clock.now() });
    await revoke(mine, kidOf(mine));
    for (const item of [early, same]) {
      expect(await responseOf(other, await world.submit(item))).toMatchObject({ error: "stale" });
    }
    expect(await stateOf(third)).toBe("active");
  });

  it("is not stale for what another patient has changed", async () => {
    const theirs = await enrolActive(world);
    await revoke(theirs, kidOf(theirs));
    const created = world.clock.now() - 1000;
    expect(await revoke(mine, kidOf(other), { created })).toMatchObject(done);
  });

  it("is stale after ten minutes, however long a gateway keeps it", async () => {
    const item = await sealRevoke(mine, kidOf(other));
    await world.clock.advance(10 * MINUTE + 1);
    expect(await responseOf(mine, await world.submit(item))).toMatchObject({ error: "stale" });
    expect(await stateOf(other)).toBe("active");
  });

  it.each([7, 9, 0])("has bad parameters with a kid of %d bytes", async (length) => {
    const parameters = new Map([[1, new Uint8Array(length)]]);
    const item = await sealRequest(mine, { method: "revoke-device", parameters });
    expect(await responseOf(mine, await world.submit(item))).toMatchObject({
      error: "bad-parameters",
    });
  });

  it("cannot be asked for by the device that was taken away", async () => {
    const back = await sealRevoke(other, kidOf(mine));
    await revoke(mine, kidOf(other));
    expect(await world.submit(back)).toEqual({ kind: "no-answer" });
    expect(await stateOf(mine)).toBe("active");
  });

  it("leaves nothing to be stored of what comes with it or behind it, and keeps that as refused", async () => {
    const before = await sealReadings(other, recent());
    const behind = await sealReadings(other, recent());
    const late = await sealReadings(other, recent());
    const outcomes = await world.submitTogether([
      before,
      await sealRevoke(mine, kidOf(other)),
      behind,
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "answer", "no-answer"]);
    expect(await world.submit(late)).toEqual({ kind: "no-answer" });
    const stored = await world.count(
      "SELECT count(*) AS count FROM batches WHERE patient_id = $1",
      [patientId],
    );
    expect(stored).toBe(1);
    const refused = await world.count(
      `SELECT count(*) AS count FROM refused
       WHERE sid = $1 AND reason = 'session-closed' AND sealed IS NOT NULL`,
      [other.keys.sid],
    );
    expect(refused).toBe(2);
    const seqs = await world.count("SELECT count(*) AS count FROM session_seqs WHERE sid = $1", [
      other.keys.sid,
    ]);
    expect(seqs).toBe(0);
  });

  it("ends one of two devices that take each other away at the same moment in two processes", async () => {
    const elsewhere = world.restart();
    const outcomes = await Promise.all([
      world.submit(await sealRevoke(mine, kidOf(other))),
      elsewhere.submit(await sealRevoke(other, kidOf(mine))),
    ]);
    expect(outcomes.filter(({ kind }) => kind === "answer").length).toBeGreaterThan(0);
    const states = [await stateOf(mine), await stateOf(other)];
    expect(states).toContain("revoked");
    expect(states).toContain("active");
  });
});

describe("methods of later versions", () => {
  it.each(["consent", "export", "Devices", "seen "])(
    "are answered with unknown-method: %j",
    async (method) => {
      const item = await sealRequest(mine, { method });
      expect(await responseOf(mine, await world.submit(item))).toMatchObject({
        error: "unknown-method",
      });
    },
  );
});

/** A device of the patient that came to nothing, without the work of a handshake. */
async function enrolDropped(patient: string): Promise<void> {
  await bindDevice(world, patient, { state: "dropped" });
}
