import type { KekStatus, KeyStatus, PublicKeys, RotatedKey, RotatedLog } from "@siphms/api";
import { parseInvitationLink } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSequencer } from "../audit/index.ts";
import { log } from "../testing/hospital-world.ts";
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

  it("stands in the audit log [HS-312b]", async () => {
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

const post = (url: string, payload?: object) =>
  server.inject({ method: "POST", url, ...(payload === undefined ? {} : { payload }) });
const publicKeys = async () =>
  (await server.inject({ method: "GET", url: "/operator/keys/public" })).json<PublicKeys>();

describe("the public keys", () => {
  it("are those that devices pin, and tell nothing that is secret", async () => {
    const { identities } = await publicKeys();
    const current = identities.at(-1);
    expect(current?.credential).toBe(
      Buffer.from(world.keys.identity.credential.bytes).toString("base64url"),
    );
    expect(identities.map(({ kid }) => kid)).toEqual(
      (await status()).identities.map(({ kid }) => kid),
    );
    for (const one of identities) {
      const members = ["credential", "created", "kid", "state", "thumbprint", "validUntil"];
      expect(members).toEqual(expect.arrayContaining(Object.keys(one)));
    }
  });
});

describe("rotating the audit log's key", () => {
  it("gives the log the next origin, and says which key signed what came before [HS-312b]", async () => {
    await createSequencer({ ...world, log }).run();
    const before = (await publicKeys()).logs;
    const { origin, key } = (await post("/operator/keys/log")).json<RotatedLog>();
    const { logs } = await publicKeys();
    expect(logs.at(-1)).toMatchObject({ origin, key, state: "current" });
    expect(logs.slice(0, -1)).toEqual(before.map((log) => ({ ...log, state: "retired" })));
    expect(origin).toMatch(/\/audit\/\d+$/);
    expect(key.startsWith(`${origin}+`)).toBe(true);
    const last = (log: string) =>
      server.inject({ method: "GET", url: `/operator/audit/checkpoint.last/${log}` });
    // Each key's own last head, by which whoever verifies sees that the tree went on; of no other key.
    const ended = before.at(-1)?.origin ?? "";
    const { statusCode, body } = await last(ended.slice(ended.lastIndexOf("/") + 1));
    expect([statusCode, body.split("\n")[0]]).toEqual([200, ended]);
    for (const none of ["", "0", "99", "audit"]) expect((await last(none)).statusCode).toBe(404);
  });
});

describe("the routes of the key-encryption key", () => {
  it("say what is wrong in words, and change nothing", async () => {
    const kek = async () =>
      (await server.inject({ method: "GET", url: "/operator/keys/kek" })).json<KekStatus>();
    const before = await kek();
    expect(before).toMatchObject({ source: "command", opens: false });
    for (const [url, payload] of [
      ["/operator/keys/kek/rotate", {}],
      ["/operator/keys/kek/rotate", { to: "file:relative" }],
      ["/operator/keys/kek/finish", undefined],
    ] as const) {
      const answer = await post(url, payload);
      expect(answer.statusCode).toBe(409);
      expect(answer.json<{ detail: string }>().detail).toMatch(/KEK_/);
    }
    expect(await kek()).toEqual(before);
  });

  it.each([
    ["/operator/keys/kek/rotate", { to: "" }],
    ["/operator/keys/kek/rotate", { to: "file:/a", force: true }],
    ["/operator/keys/recovery", {}],
    ["/operator/keys/recovery", { passphrase: "fourteen chars" }],
  ])("refuse what has another form: %s %j", async (url, payload) => {
    expect((await post(url, payload)).statusCode).toBe(400);
  });
});
