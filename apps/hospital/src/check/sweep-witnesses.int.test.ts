import { createVerifierKey, encodeVerifierKey } from "@siphms/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSequencer, readNewestCheckpoint } from "../audit/index.ts";
import { createHospitalWorld, log, type HospitalWorld } from "../testing/hospital-world.ts";
import { loadHospitalSettings, type HospitalSettings } from "../settings.ts";
import { sweepWitnesses } from "./sweep-witnesses.ts";

const MINUTE = 60_000;
let world: HospitalWorld;

beforeAll(async () => {
  world = await createHospitalWorld();
  await createSequencer({ ...world, log }).run();
});
afterAll(() => world.close());

const pair = (url: string, name: string): string =>
  `${url} ${encodeVerifierKey(createVerifierKey("cosignature", name, new Uint8Array(32)))}`;

function settingsWith(witnesses: string): HospitalSettings {
  return loadHospitalSettings({ DATABASE_URL: "x", SIPHMS_HOSPITAL_WITNESSES: witnesses });
}

async function sweep(witnesses: string) {
  const { findings, notes = [] } = await sweepWitnesses({
    ...world,
    settings: settingsWith(witnesses),
  });
  return [findings.map(({ subject }) => subject), notes.map(({ detail }) => detail.split(":")[0])];
}

describe("siphms check looks at the witnesses of the audit log [HS-312b]", () => {
  const far = pair("https://gateway.example.org/witness", "far");

  it("and says where there is none, or none but on this machine", async () => {
    const near = pair("http://127.0.0.1:8080/witness", "near");
    expect(await sweep("")).toEqual([[], ["is not set"]]);
    expect(await sweep(near)).toEqual([[], ["names this machine alone"]]);
    expect(await sweep(`${near},${far}`)).toEqual([[], []]);
  });

  it("and finds one that has not cosigned for more than 15 minutes what there is", async () => {
    await world.clock.advance(15 * MINUTE + 1);
    expect(await sweep(far)).toEqual([["far"], []]);
    const head = await readNewestCheckpoint(world.database);
    await world.database.query(
      "INSERT INTO audit_cosignatures (checkpoint_id, witness, line, at) VALUES ($1, 'far', 'x', $2)",
      [head?.checkpointId ?? 0, world.clock.now()],
    );
    await world.clock.advance(60 * MINUTE);
    expect(await sweep(far)).toEqual([[], []]);
  });

  it("and finds one that has cosigned before and is named no more, whoever is named instead (SR-60)", async () => {
    const other = pair("https://other.example/witness", "other");
    const left = await world.database.query("SELECT at FROM audit_cosignatures");
    const lastAt = left.rows[0]?.number("at") ?? 0;
    expect(await sweep(far)).toEqual([[], []]);
    expect((await sweep(""))[0]).toEqual(["far"]);
    // The other one has not cosigned yet what there is.
    expect((await sweep(other))[0]).toEqual(["other", "far"]);
    const head = await readNewestCheckpoint(world.database);
    const more = ["aaa", "far", "zzz"].map(
      (name) => `(${String(head?.checkpointId)}, '${name}', 'x', ${String(lastAt)})`,
    );
    await world.database.query(
      `INSERT INTO audit_cosignatures (checkpoint_id, witness, line, at) VALUES ${more.join()} ON CONFLICT DO NOTHING`,
    );
    expect((await sweep(far))[0]).toEqual(["aaa", "zzz"]);
    const { findings } = await sweepWitnesses({ ...world, settings: settingsWith(far) });
    expect(findings[0]?.detail).toContain(new Date(lastAt).toISOString());
  });

  it("and only notes it when that was more than 90 days ago: a witness may be changed", async () => {
    await world.clock.advance(90 * 24 * 60 * MINUTE);
    const both = await sweep(far);
    expect(both[0]).toEqual([]);
    expect(both[1]).toHaveLength(2);
  });
});
