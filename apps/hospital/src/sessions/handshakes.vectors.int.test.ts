import { fromHex, toHex } from "@siphms/cose";
import { MESSAGE_4_BYTES } from "@siphms/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProtocolWorld, GATEWAY, type ProtocolWorld } from "../testing/protocol-world.ts";
import {
  ENROLMENT,
  enrolVectorDevice,
  issueVectorToken,
  LATER,
  ofKind,
  unsafeRecordedCrypto,
  vectorIdentity,
  type HandshakeVector,
} from "../testing/vector-world.ts";

async function worldOf(vector: HandshakeVector): Promise<ProtocolWorld> {
  return createProtocolWorld(async (made) => {
    made.clock.skewWall(vector.now - made.clock.now());
    const identity = await vectorIdentity(made);
    const keys = { ...made.keys, identity, identities: [identity] };
    return { keys, crypto: unsafeRecordedCrypto(made.crypto, vector) };
  });
}

/** message_1 and message_2 as recorded, then whatever is to be judged. */
async function finish(world: ProtocolWorld, vector: HandshakeVector, body: string) {
  const { handshakes } = world.sessions;
  const id = new Uint8Array(crypto.getRandomValues(new Uint8Array(16)));
  const kid = world.keys.identity.credential.kid;
  const first = await handshakes.begin({ id, kid, body: fromHex(vector.body_1), gateway: GATEWAY });
  expect(toHex(first.body)).toBe(vector.message_2);
  return handshakes.finish({ id, body: fromHex(body), gateway: GATEWAY });
}

const invalid = (handshake: string) =>
  ofKind("message_3").filter((one) => one.handshake === handshake);

describe("message_1 that has to be refused", () => {
  let world: ProtocolWorld;
  beforeAll(async () => {
    world = await worldOf(LATER);
  });
  afterAll(() => world.close());

  it("is there in 13 forms", () => {
    expect(ofKind("message_1")).toHaveLength(13);
  });

  it.each(ofKind("message_1"))("gets an EDHOC error: $name", async ({ bytes }) => {
    const id = crypto.getRandomValues(new Uint8Array(16));
    const kid = world.keys.identity.credential.kid;
    const reply = await world.sessions.handshakes.begin({
      id,
      kid,
      body: fromHex(bytes),
      gateway: GATEWAY,
    });
    expect(reply.outcome).toBe("edhoc-error");
  });
});

describe("message_3 of a later session [HS-312d]", () => {
  let world: ProtocolWorld;
  beforeAll(async () => {
    world = await worldOf(LATER);
    await enrolVectorDevice(world);
    await issueVectorToken(world);
  });
  afterAll(() => world.close());

  it("is there in 17 invalid forms", () => {
    expect(invalid("handshake-later.json")).toHaveLength(17);
  });

  it.each(invalid("handshake-later.json"))("is refused: $name", async ({ bytes }) => {
    const reply = await finish(world, LATER, bytes);
    expect(reply.outcome).toBe("edhoc-error");
    expect(await world.count("SELECT count(*) AS count FROM sessions")).toBe(0);
  });

  it("gives every refused message_3 the same bytes (SR-33)", async () => {
    const replies = new Set<string>();
    for (const { bytes } of invalid("handshake-later.json")) {
      replies.add(toHex((await finish(world, LATER, bytes)).body));
    }
    expect(replies.size).toBe(1);
  });

  it("leaves the token unspent whatever was refused", async () => {
    const spent = "SELECT count(*) AS count FROM invitations WHERE redeemed_at IS NOT NULL";
    expect(await world.count(spent)).toBe(0);
  });

  it("is answered as recorded", async () => {
    const reply = await finish(world, LATER, LATER.body_3);
    expect(reply.outcome).toBe("answer");
    expect(reply.body).toHaveLength(MESSAGE_4_BYTES);
    const sid = "SELECT count(*) AS count FROM sessions WHERE sid = $1";
    expect(await world.count(sid, [fromHex(LATER.sid)])).toBe(1);
  });
});

describe("message_3 of an enrolment", () => {
  let world: ProtocolWorld;
  beforeAll(async () => {
    world = await worldOf(ENROLMENT);
    await issueVectorToken(world);
  });
  afterAll(() => world.close());

  it("is there in 11 invalid forms", () => {
    expect(invalid("handshake-enrolment.json")).toHaveLength(11);
  });

  it.each(invalid("handshake-enrolment.json"))("is refused: $name", async ({ bytes }) => {
    const reply = await finish(world, ENROLMENT, bytes);
    expect(reply.outcome).toBe("edhoc-error");
    const spent = "SELECT count(*) AS count FROM invitations WHERE redeemed_at IS NOT NULL";
    expect(await world.count(spent)).toBe(0);
    expect(await world.count("SELECT count(*) AS count FROM seen_keys")).toBe(0);
  });

  it("is answered as recorded, and binds the device", async () => {
    const reply = await finish(world, ENROLMENT, ENROLMENT.body_3);
    expect(reply.outcome).toBe("answer");
    const pending = "SELECT count(*) AS count FROM devices WHERE state = 'pending'";
    expect(await world.count(pending)).toBe(1);
  });
});
