import type { CborMap } from "@siphms/cose";
import { METHODS, type DisclosuresResult } from "@siphms/messages";
import { verifyConsistency, type TreeHead } from "@siphms/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DISCLOSED } from "../access/index.ts";
import { appendAudit, auditNameOfStaff, createSequencer, type Sequencer } from "../audit/index.ts";
import { log } from "../testing/hospital-world.ts";
import {
  heartRates,
  receiptOf,
  responseOf,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import { enrolActive, type PhoneSession } from "../testing/phone.ts";
import {
  createProtocolWorld,
  newDoctor,
  newPatient,
  type ProtocolWorld,
} from "../testing/protocol-world.ts";

let world: ProtocolWorld;
let sequencer: Sequencer;
let patientId: string;
let session: PhoneSession;

beforeAll(async () => {
  const base = await createProtocolWorld();
  sequencer = createSequencer({ ...base, log });
  world = base.restart({ auditHead: () => headOf(sequencer) });
  patientId = await newPatient(world);
  session = await enrolActive(world, patientId);
});
afterAll(() => world.close());

function headOf({ newest }: Sequencer): TreeHead | undefined {
  return newest && { size: newest.size, root: newest.root };
}

/** Stores a reading. @returns the state of the log that its receipt names. */
async function receiptHead(): Promise<TreeHead | undefined> {
  const item = await sealReadings(session, [heartRates(world.clock.now() - 5000, 72)]);
  return (await receiptOf(session, await world.submit(item))).audit;
}

async function ask(method: string, parameters: CborMap) {
  const item = await sealRequest(session, { method, parameters });
  return responseOf(session, await world.submit(item));
}

async function prove(from: number, to: number) {
  const { parameters, result } = METHODS["audit-consistency"];
  const answer = await ask("audit-consistency", parameters.encode({ fromSize: from, toSize: to }));
  return answer.error === 0 ? result.parse(answer.result).proof : answer.error;
}

describe("a receipt (SR-60)", () => {
  it("names no state of the audit log before there is one", async () => {
    expect(await receiptHead()).toBeUndefined();
  });

  it("names the newest signed state, which does not cover its own entry yet", async () => {
    await sequencer.run();
    const first = headOf(sequencer);
    expect(await receiptHead()).toEqual(first);
    await sequencer.run();
    const second = await receiptHead();
    expect(second).toEqual(headOf(sequencer));
    expect(second?.size).toBeGreaterThan(first?.size ?? Infinity);
  });
});

describe("audit-consistency [HS-312b]", () => {
  it("proves that the state of a later receipt continues that of an earlier one (SR-60)", async () => {
    await sequencer.run();
    const older = (await receiptHead())!;
    await sequencer.run();
    const newer = (await receiptHead())!;
    const proof = await prove(older.size, newer.size);
    if (typeof proof === "string") throw new Error(proof);
    expect(() => verifyConsistency({ older, newer, proof })).not.toThrow();
    const other = { size: older.size, root: newer.root };
    expect(() => verifyConsistency({ older: other, newer, proof })).toThrow(
      expect.objectContaining({ code: "MERKLE_PROOF_INVALID" }),
    );
  });

  it("has an empty proof from nothing and between equal sizes", async () => {
    const { size } = sequencer.newest!;
    expect([await prove(0, size), await prove(size, size)]).toEqual([[], []]);
  });

  it("is refused for a size that the log has not reached, whose parameters are bad the other way round", async () => {
    const { size } = sequencer.newest!;
    expect(await prove(1, size + 100)).toBe("refused");
    expect(await prove(size + 100, size + 101)).toBe("refused");
    expect(await prove(2, 1)).toBe("bad-parameters");
  });

  it("is refused where leaves of the log are gone, and the device's other requests are answered all the same", async () => {
    const { size } = sequencer.newest!;
    await world.tamper("CREATE TABLE kept AS SELECT * FROM audit_leaves WHERE idx = 1");
    await world.tamper("DELETE FROM audit_leaves WHERE idx = 1");
    expect(await prove(3, size)).toBe("refused");
    expect(await ask("profile", new Map())).toMatchObject({ error: 0 });
    await world.tamper("INSERT INTO audit_leaves SELECT * FROM kept");
    expect(await prove(3, size)).not.toBe("refused");
  });
});

describe("disclosures [HP-528]", () => {
  const MINUTE = 60_000;

  async function look(by: string, what: "patient" | "worklist", of = patientId): Promise<number> {
    await world.clock.advance(MINUTE);
    const at = world.clock.now();
    const entry = {
      event: DISCLOSED,
      action: "read",
      outcome: "done",
      purpose: "treatment",
    } as const;
    await world.database.withTransaction((tx) =>
      appendAudit(tx, [
        {
          ...entry,
          at,
          actor: by,
          role: by === "operator" ? "operator" : "doctor",
          object: what,
          subject: of,
        },
      ]),
    );
    return at;
  }

  async function disclosures(from: number, to = world.clock.now() + 1): Promise<DisclosuresResult> {
    const { parameters, result } = METHODS.disclosures;
    const { error, result: found } = await ask("disclosures", parameters.encode({ from, to }));
    expect(error).toBe(0);
    return result.parse(found);
  }

  const addDoctor = async (name: string): Promise<string> =>
    auditNameOfStaff(await newDoctor(world, name));

  it("say who was shown what of the patient's own record, when and why, oldest first", async () => {
    const doctor = await addDoctor("Dr. Looks");
    const stranger = await newPatient(world);
    const first = await look(doctor, "worklist");
    await look(doctor, "patient", stranger);
    const second = await look("operator", "patient");
    expect(await disclosures(first)).toEqual({
      disclosures: [
        { at: first, who: "Dr. Looks", role: "doctor", purpose: "treatment", what: "worklist" },
        { at: second, who: "operator", role: "operator", purpose: "treatment", what: "patient" },
      ],
    });
  });

  it("are those of the range, its end not included", async () => {
    const doctor = await addDoctor("Dr. Range");
    const first = await look(doctor, "patient");
    const second = await look(doctor, "patient");
    expect((await disclosures(first, second)).disclosures.map(({ at }) => at)).toEqual([first]);
    expect((await disclosures(second, first)).disclosures).toEqual([]);
    expect((await disclosures(0, Number.MAX_SAFE_INTEGER)).disclosures.length).toBeGreaterThan(1);
  });

  it("go on where an answer was full, so that none is left out and none comes twice", async () => {
    const doctor = await addDoctor("Dr. Often");
    const times: number[] = [];
    for (let count = 0; count < 130; count++) times.push(await look(doctor, "patient"));
    const found: number[] = [];
    let from: number | undefined = times[0];
    while (from !== undefined) {
      const page: DisclosuresResult = await disclosures(from);
      found.push(...page.disclosures.map(({ at }) => at));
      from = page.nextFrom;
    }
    expect(found).toEqual(times);
  });
});
