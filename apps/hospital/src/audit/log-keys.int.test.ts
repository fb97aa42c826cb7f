import { NO_ENTRY } from "@siphms/audit";
import { parseCheckpoint, parseNote } from "@siphms/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEntries } from "../testing/audit-entries.ts";
import {
  createHospitalWorld,
  HOSPITAL,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import {
  beginNextLog,
  createSequencer,
  readLogKeys,
  readNewestCheckpoint,
  type Sequencer,
} from "./index.ts";

let world: HospitalWorld;
let sequencer: Sequencer;

beforeAll(async () => {
  world = await createHospitalWorld();
  sequencer = createSequencer({ ...world, log });
});

afterAll(() => world.close());

const newest = async () => {
  const head = await readNewestCheckpoint(world.database);
  if (head === undefined) throw new Error("there is no checkpoint");
  return head;
};

describe("another key for the log", () => {
  const rotate = (why: "restored" | "rotated") =>
    world.database.withTransaction((tx) =>
      beginNextLog(tx, { ...HOSPITAL, now: world.clock.now(), actor: "operator", why }, world),
    );

  it("signs the same tree under the next origin, and the log says so [HS-312c1]", async () => {
    await sequencer.run();
    const before = await newest();
    const { origin, vkey } = await rotate("rotated");
    const after = await newest();
    expect(origin).toBe("siphms/test-hospital/audit/2");
    expect([after.size, after.root]).toEqual([before.size, before.root]);
    expect(after.keyId).not.toBe(before.keyId);
    expect(await readEntries(world, "event = 'audit.key-rotated'")).toMatchObject([
      { object: vkey, details: { why: "rotated" } },
    ]);
    await sequencer.run();
    const grown = await newest();
    expect(parseCheckpoint(parseNote(Buffer.from(grown.note)).text).origin).toBe(origin);
    expect(grown.size).toBe(before.size + 1);
    const states = (await readLogKeys(world.database, world.keyring)).map(({ state }) => state);
    expect(states).toEqual(["retired", "current"]);
  });

  it("is not made for a log that was altered, unless the hospital was restored, whose log then stands still (SR-60)", async () => {
    await sequencer.run();
    const { checkpointId } = await newest();
    const keys = () => readLogKeys(world.database, world.keyring);
    const before = await keys();
    await world.tamper(
      "UPDATE audit_checkpoints SET root = sha256('forged'), size = size + 1 WHERE id = $1",
      [checkpointId],
    );
    await expect(rotate("rotated")).rejects.toMatchObject({ code: "LOG_ALTERED" });
    expect(await keys()).toEqual(before);
    const undone = world.database.withTransaction(async (tx) => {
      const input = { ...HOSPITAL, now: world.clock.now(), actor: "operator" };
      await beginNextLog(tx, { ...input, why: "restored" }, world);
      const { rows } = await tx.query("SELECT max(id) AS id FROM audit_checkpoints");
      expect(rows[0]?.number("id")).toBe(checkpointId);
      throw new Error("enough");
    });
    await expect(undone).rejects.toThrow("enough");
    await world.tamper("UPDATE audit_checkpoints SET root = $2, size = size - 1 WHERE id = $1", [
      checkpointId,
      sequencer.newest?.root,
    ]);
  });

  it("of a hospital that was restored has a number that no log of it can have had", async () => {
    const { origin } = await rotate("restored");
    expect(origin).toBe(
      `siphms/test-hospital/audit/${String(Math.floor(world.clock.now() / 1000))}`,
    );
  });

  it("cannot sign two heads of one size", async () => {
    await sequencer.run();
    const { keyId, size, note: text } = await newest();
    const insert = world.database.query(
      `INSERT INTO audit_checkpoints (key_id, size, root, note, at, done_id)
       VALUES ($1, $2, $3, $4, 1, 0)`,
      [keyId, size, NO_ENTRY, text],
    );
    await expect(insert).rejects.toThrow("audit_checkpoints_size");
  });
});
