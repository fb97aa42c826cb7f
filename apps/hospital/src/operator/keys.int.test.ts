import type { KeyStatus, RotatedKey } from "@siphms/api";
import { parseInvitationLink } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logInMachine } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

const DAY = 86_400_000;
let world: ProtocolWorld;
let server: FastifyInstance;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const rotate = (payload: object) =>
  server.inject({ method: "POST", url: "/operator/keys/rotate", payload });
const status = async () =>
  (await server.inject({ method: "GET", url: "/operator/keys" })).json<KeyStatus>();

describe("rotating the identity", () => {
  it.each([
    ["the pass key, which is no identity", { key: "pass", oldKeyDays: 90 }],
    ["no key at all", { oldKeyDays: 90 }],
    ["no time for the old key", { key: "identity" }],
    ["a shorter time than the protocol allows", { key: "identity", oldKeyDays: 89 }],
    ["a time that has no end", { key: "identity", oldKeyDays: 731 }],
    ["half a day", { key: "identity", oldKeyDays: 90.5 }],
    ["a member that there is not", { key: "identity", oldKeyDays: 90, force: true }],
  ])("is refused with %s, and changes nothing", async (_what, body) => {
    const before = await status();
    expect((await rotate(body)).statusCode).toBe(400);
    expect(await status()).toEqual(before);
  });

  it("makes the key that stands in invitations from then on, and says until when the old one answers", async () => {
    const [old] = (await status()).identities;
    const answer = (await rotate({ key: "identity", oldKeyDays: 120 })).json<RotatedKey>();
    const oldValidUntil = world.clock.now() + 120 * DAY;
    expect(answer).toMatchObject({ oldKid: old?.kid, oldValidUntil, waitingDevices: 0 });
    expect((await status()).identities).toEqual([
      { ...old, state: "retired", validUntil: oldValidUntil },
      { kid: answer.kid, state: "current", created: world.clock.now() },
    ]);
    const mrn = await newPatient(world);
    const invited = await server.inject({
      method: "POST",
      url: "/operator/invitations",
      payload: { mrn },
      headers: { ...(await logInMachine(server, world)) },
    });
    const { link } = invited.json<{ link: string }>();
    const { credential } = await parseInvitationLink(link, world.crypto);
    expect(credential.bytes).toEqual(world.keys.identity.credential.bytes);
  });

  it("stands in the audit log", async () => {
    const entries = await world.count(
      "SELECT count(*) AS count FROM audit_events WHERE event = 'hospital.key-rotated' AND actor = 'operator'",
    );
    expect(entries).toBe(1);
  });

  it("keeps the new private key sealed, as the one before", async () => {
    const { rows } = await world.database.query(
      "SELECT kid, sealed FROM hospital_keys WHERE purpose = 'identity'",
    );
    expect(rows).toHaveLength(2);
    const lengths = new Set(rows.map((row) => row.bytes("sealed").length));
    expect(lengths.size).toBe(1);
    expect([...lengths][0]).toBeGreaterThan(32);
  });
});
