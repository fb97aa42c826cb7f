import { createCredential, hospitalSub } from "@siphms/cose";
import { parseReceipt } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HospitalIdentity } from "../keys/index.ts";
import { HOSPITAL } from "../testing/hospital-world.ts";
import { heartRates, openAnswer, reseal, sealReadings } from "../testing/phone-messages.ts";
import { enrolActive, openSession, shakeHands, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";

const DAY = 86_400_000;
let world: ProtocolWorld;
let old: HospitalIdentity;
let session: PhoneSession;

beforeAll(async () => {
  world = await createProtocolWorld(async (made) => {
    const { crypto, keys, clock } = made;
    const key = await crypto.generateSigningKey();
    const sub = hospitalSub(HOSPITAL.hospitalId);
    const credential = await createCredential(sub, key.publicPoint, crypto);
    await made.tamper(
      `INSERT INTO hospital_keys (id, purpose, kid, credential, sealed, state, created_at, version, mac)
       VALUES (77, 'identity', $1, $2, '', 'retired', 0, 1, '')`,
      [Buffer.from(credential.kid), Buffer.from(credential.bytes)],
    );
    old = {
      id: 77,
      state: "retired",
      credential,
      key,
      verifyKey: await crypto.importVerifyKey(credential.point),
      createdAt: 0,
      validUntil: clock.now() + 90 * DAY,
    };
    return { keys: { ...keys, identities: [keys.identity, old] } };
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  session = await enrolActive(world);
});

const recent = () => heartRates(world.clock.now() - 5000, 72);
const oldThumbprint = () => old.credential.thumbprint;

describe("a retired hospital key", () => {
  it("still answers a handshake until its valid-until", async () => {
    const result = await shakeHands(world, session.phone, { hospital: old });
    expect(result.kind).toBe("open");
  });

  it("signs the answers of its own sessions", async () => {
    const before = await openSession(world, session.phone, { hospital: old });
    const outcome = await world.submit(await sealReadings(before, [recent()]));
    if (outcome.kind !== "answer") throw new Error("no answer");
    await expect(openAnswer(before, outcome.envelope)).resolves.toBeDefined();
    await expect(
      openAnswer({ ...before, hospital: world.keys.identity }, outcome.envelope),
    ).rejects.toThrow();
  });

  it("is taken as the recipient of an item in a session of the new key, under its own name", async () => {
    const item = await sealReadings(session, [recent()], { recipient: oldThumbprint() });
    const outcome = await world.submit(item);
    if (outcome.kind !== "answer") throw new Error("no answer");
    const receipt = parseReceipt((await openAnswer(session, outcome.envelope)).payload);
    expect(receipt).toMatchObject({ outcome: 0, name: item.name });
  });

  it("has its receipts signed anew in a session of the new key, with the same words", async () => {
    const before = await openSession(world, session.phone, { hospital: old });
    const item = await sealReadings(before, [recent()]);
    const first = await world.submit(item);
    const again = await world.submit(await reseal(session, item.signed));
    if (first.kind !== "answer" || again.kind !== "answer") throw new Error("no answer");
    const a = await openAnswer(before, first.envelope);
    const b = await openAnswer(session, again.envelope);
    expect(b.payload).toEqual(a.payload);
    expect(b.signed).not.toEqual(a.signed);
  });

  it("has its receipts signed anew within one group, too", async () => {
    const before = await openSession(world, session.phone, { hospital: old });
    const item = await sealReadings(before, [recent()]);
    const [first, again] = await world.submitTogether([item, await reseal(session, item.signed)]);
    if (first?.kind !== "answer" || again?.kind !== "answer") throw new Error("no answer");
    const a = await openAnswer(before, first.envelope);
    const b = await openAnswer(session, again.envelope);
    expect(b.payload).toEqual(a.payload);
  });

  it("gets no answer to an item signed for a key that the hospital never had", async () => {
    const recipient = world.crypto.randomBytes(32);
    const item = await sealReadings(session, [recent()], { recipient });
    expect(await world.submit(item)).toEqual({ kind: "no-answer" });
  });

  // Time moves on from here.
  it("answers no handshake after its valid-until", async () => {
    await world.clock.advance(90 * DAY + 1);
    const result = await shakeHands(world, session.phone, { hospital: old });
    expect(result).toMatchObject({ kind: "refused", reply: { outcome: "hospital-key-unknown" } });
  });

  it("is taken as a recipient for 90 days more, and then no longer", async () => {
    await world.clock.advance(89 * DAY);
    const current = await openSession(world, session.phone);
    const item = await sealReadings(current, [recent()], { recipient: oldThumbprint() });
    expect((await world.submit(item)).kind).toBe("answer");
    await world.clock.advance(DAY + 1);
    const late = await sealReadings(current, [recent()], { recipient: oldThumbprint() });
    expect(await world.submit(late)).toEqual({ kind: "no-answer" });
  });
});
