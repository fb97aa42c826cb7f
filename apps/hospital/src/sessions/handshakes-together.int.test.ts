import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeDevice, findDeviceByKid } from "../enrolment/index.ts";
import { enrolActive, prepareHandshake, type Phone } from "../testing/phone.ts";
import { createProtocolWorld, GATEWAY, type ProtocolWorld } from "../testing/protocol-world.ts";

let world: ProtocolWorld;
beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());

/** Revokes a device without closing anything. */
async function revoke(phone: Phone): Promise<void> {
  await world.database.withTransaction(async (tx) => {
    const device = await findDeviceByKid(tx, world.keyring, phone.credential.kid);
    if (device === undefined) throw new Error("no such device");
    const change = { state: "revoked", endedAt: world.clock.now() } as const;
    await changeDevice(tx, world.keyring, { device, change });
  });
}

describe("handshakes that come together", () => {
  /** Finishes those of all phones in one turn. */
  async function finishTogether(phones: readonly Phone[]): Promise<readonly string[]> {
    const prepared = await Promise.all(phones.map((phone) => prepareHandshake(world, phone)));
    const replies = await Promise.all(
      prepared.map(({ id, body3 }) =>
        world.sessions.handshakes.finish({ id, body: body3!, gateway: GATEWAY }),
      ),
    );
    return replies.map(({ outcome }) => outcome);
  }

  async function newPhones(count: number): Promise<readonly Phone[]> {
    const phones: Phone[] = [];
    for (let n = 0; n < count; n++) phones.push((await enrolActive(world)).phone);
    await world.clock.advance(1);
    return phones;
  }

  it("share transactions, and each has its session and its entry in the audit log", async () => {
    const phones = await newPhones(6);
    expect(await finishTogether(phones)).toEqual(phones.map(() => "answer"));
    const now = world.clock.now();
    const devices = "SELECT count(DISTINCT device_id) AS count FROM sessions WHERE created_at = $1";
    expect(await world.count(devices, [now])).toBe(6);
    const entries = `SELECT count(DISTINCT actor) AS count FROM audit_events
      WHERE event = 'session.opened' AND at = $1`;
    expect(await world.count(entries, [now])).toBe(6);
    const transactions =
      "SELECT count(DISTINCT xmin::text) AS count FROM sessions WHERE created_at = $1";
    expect(await world.count(transactions, [now])).toBeLessThan(6);
  });

  it("are refused alone: one whose device is revoked or altered takes no other with it", async () => {
    const phones = await newPhones(4);
    const [, revoked, altered] = phones;
    await revoke(revoked!);
    await world.tamper("UPDATE devices SET enrolled_at = 1 WHERE kid = $1", [
      altered!.credential.kid,
    ]);
    expect(await finishTogether(phones)).toEqual([
      "answer",
      "edhoc-error",
      "edhoc-error",
      "answer",
    ]);
  });

  it("may be of the same device: each has a session", async () => {
    const [phone] = await newPhones(1);
    expect(await finishTogether([phone!, phone!, phone!])).toEqual(["answer", "answer", "answer"]);
    const count = "SELECT count(*) AS count FROM sessions WHERE created_at = $1";
    expect(await world.count(count, [world.clock.now()])).toBe(3);
  });
});
