import { fromHex, toHex } from "@siphms/cose";
import { parseReceipt, parseResponse, TYP } from "@siphms/messages";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../enrolment/index.ts";
import { openAnswer } from "../testing/phone-messages.ts";
import { type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";
import {
  enrolVectorDevice,
  items,
  LATER,
  ofKind,
  openVectorSession,
  sessionKeysOf,
  vectorIdentity,
  vectorPhone,
} from "../testing/vector-world.ts";

let world: ProtocolWorld;
let device: Device;
let session: Pick<PhoneSession, "world" | "keys" | "hospital" | "phone">;

beforeAll(async () => {
  world = await createProtocolWorld(async (made) => {
    made.clock.skewWall(LATER.now + 60_000 - made.clock.now());
    const identity = await vectorIdentity(made);
    return { keys: { ...made.keys, identity, identities: [identity] } };
  });
  device = await enrolVectorDevice(world);
  await openVectorSession(world, device);
  session = {
    world,
    keys: sessionKeysOf(LATER),
    hospital: world.keys.identity,
    phone: await vectorPhone(world),
  };
});
afterAll(async () => {
  await world.close();
});
afterEach(async () => {
  // Each case is right but for one thing, and many use one seq and one message-id.
  for (const table of ["session_seqs", "batches", "requests", "quarantine", "refused"]) {
    await world.tamper(`DELETE FROM ${table}`);
  }
});

async function submit(hex: string) {
  return world.submit({ sid: fromHex(LATER.sid), body: fromHex(hex) });
}

async function refusedReasons(): Promise<readonly string[]> {
  const { rows } = await world.database.query("SELECT reason FROM refused");
  return rows.map((row) => row.text("reason"));
}

async function takenSeqs(): Promise<number> {
  return world.count("SELECT count(*) AS count FROM session_seqs");
}

describe("envelopes that have to be refused [HS-312e2i]", () => {
  it("are 29 of envelope, 23 of signed and 40 of payload", () => {
    const counts = ["envelope", "signed", "payload"].map((kind) => ofKind(kind).length);
    expect(counts).toEqual([29, 23, 40]);
  });

  it.each(ofKind("envelope"))("gives no answer to an envelope: $name", async ({ bytes }) => {
    expect(await submit(bytes)).toEqual({ kind: "no-answer" });
    expect(["envelope-malformed", "envelope-unauthentic"]).toContain((await refusedReasons())[0]);
    expect(await takenSeqs()).toBe(0);
  });

  it.each(ofKind("signed"))("gives no answer to a signed message: $name", async ({ bytes }) => {
    expect(await submit(bytes)).toEqual({ kind: "no-answer" });
    expect(["signed-malformed", "signed-unauthentic"]).toContain((await refusedReasons())[0]);
    expect(await takenSeqs()).toBe(0);
  });

  it.each(ofKind("payload"))("refuses a payload: $name", async ({ bytes, typ, reason }) => {
    const outcome = await submit(bytes);
    if (outcome.kind === "no-answer") {
      expect(["cbor", "schema"]).toContain(reason);
      expect(await refusedReasons()).toEqual(["no-message-id"]);
      return;
    }
    const answer = await openAnswer(session, outcome.envelope);
    if (typ === TYP.request) {
      expect(answer.typ).toBe(TYP.response);
      expect(parseResponse(answer.payload).error).toBe("bad-parameters");
      return;
    }
    expect(answer.typ).toBe(TYP.receipt);
    const receipt = parseReceipt(answer.payload);
    expect(receipt.outcome).toBe(3);
    expect(receipt.reason).toBe(reason === "typ" ? "typ" : "schema");
  });

  it("gives no answer to a payload only where no message-id can be read", async () => {
    const unanswered: string[] = [];
    for (const { bytes, name } of ofKind("payload")) {
      if ((await submit(bytes)).kind === "no-answer") unanswered.push(name);
      await world.tamper("DELETE FROM session_seqs");
      await world.tamper("DELETE FROM batches");
      await world.tamper("DELETE FROM requests");
    }
    expect(unanswered).toEqual([
      "message-id of 15 bytes",
      "keys of the payload not sorted",
      "bytes behind the payload",
    ]);
  });
});

describe("recorded envelopes of the later session", () => {
  const up = items.flatMap((item) =>
    item.envelopes
      .filter((one) => one.session === "handshake-later.json" && one.direction === 0)
      .map(({ envelope }) => ({ ...item, envelope })),
  );

  it("are five", () => {
    expect(up).toHaveLength(5);
  });

  it.each(up)("are answered: $name", async ({ envelope, typ, itemName }) => {
    const outcome = await submit(envelope);
    if (outcome.kind !== "answer") throw new Error("no answer");
    const answer = await openAnswer(session, outcome.envelope);
    if (typ === TYP.readings) {
      const receipt = parseReceipt(answer.payload);
      expect(toHex(receipt.name)).toBe(itemName);
      expect(receipt.outcome).toBeLessThan(3);
    } else {
      expect(parseResponse(answer.payload).error).not.toBe("bad-parameters");
    }
  });
});
