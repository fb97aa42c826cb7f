import { createWebCrypto, hospitalSub, type Bytes } from "@siphms/cose";
import { TYP } from "@siphms/messages";
import { describe, expect, it } from "vitest";
import {
  CHECKS,
  encodeEvidence,
  parseEvidence,
  provenSamples,
  verifyEvidence,
  type CheckName,
  type EvidenceParts,
  type Statement,
} from "./index.ts";
import {
  makeEvidence,
  newSigner,
  SERIES,
  type EvidenceChanges,
  type MadeEvidence,
} from "./testing/made-evidence.ts";

const crypto = createWebCrypto();
const good = await makeEvidence();
const other = await makeEvidence();
const HEART = { kind: 1, step: 1, values: [72, 74], origin: 0 } as const;

/** Through the file's own form, as everybody gets it. */
const verify = (parts: EvidenceParts) =>
  verifyEvidence(() => parseEvidence(JSON.parse(JSON.stringify(encodeEvidence(parts)))), crypto);

const failureOf = async (parts: EvidenceParts) => {
  const { checks, evidence } = await verify(parts);
  expect(evidence).toBeUndefined();
  expect(checks.map(({ check }) => check)).toEqual(CHECKS);
  return checks.find(({ ok }) => !ok);
};

const flip = (bytes: Bytes, at: number): Bytes => bytes.with(at, (bytes[at] ?? 0) ^ 1);

/** Every tenth byte of a part, its first and its last. */
const placesIn = (bytes: Bytes): number[] =>
  [...bytes.keys()].filter((at) => at % 10 === 0 || at === bytes.length - 1);

describe("evidence that nobody has changed [HS-312c2]", () => {
  it("passes every check and gives the readings as they were signed", async () => {
    const { checks, evidence } = await verify(good.parts);
    expect(checks).toEqual(CHECKS.map((check) => ({ check, ok: true })));
    expect(evidence?.readings.series).toEqual(SERIES);
    expect(evidence?.hospitalId).toBe("test-hospital");
    expect(evidence?.hospitalKeys.map(({ uses }) => uses)).toEqual([
      ["message", "receipt", "statement"],
    ]);
    expect(evidence?.statement.patient).toEqual({
      ...{ mrn: "TEST-1", name: "Ada Invented", birthDate: "1950-07-01" },
    });
  });

  it("passes where the hospital has another key since, and says which key did what", async () => {
    const statementSigner = await newSigner(hospitalSub("test-hospital"), crypto);
    const { parts } = await makeEvidence({ statementSigner });
    const { evidence } = await verify(parts);
    expect(evidence?.hospitalKeys.map(({ uses }) => uses)).toEqual([
      ["message", "receipt"],
      ["statement"],
    ]);
    expect(evidence?.statementKey).toEqual(statementSigner.credential);
  });

  it("says what became of each reading, and what a doctor decided of it", async () => {
    const quarantined = [
      [0, 2, "out-of-range"],
      [1, 0, "clock"],
    ] as const;
    const decision = {
      kind: "released",
      at: 1,
      by: "Dr. Invented",
      why: "Seen on the ward",
    } as const;
    const decisions = [{ reason: "out-of-range", ...decision }];
    const { parts } = await makeEvidence({ outcome: 1, quarantined, decisions });
    const { evidence } = await verify(parts);
    if (evidence === undefined) throw new Error("refused");
    expect(provenSamples(evidence).map(({ kind, value, state }) => [kind, value, state])).toEqual([
      ["heart-rate", 72, "stored"],
      ["heart-rate", 74, "stored"],
      ["heart-rate", 190, "released"],
      ["blood-pressure", [122, 78, 93], "quarantined"],
    ]);
  });

  it("shows a message that stands in quarantine as a whole as nothing else", async () => {
    const { parts } = await makeEvidence({ outcome: 2, reason: "binding-pending" });
    const { evidence } = await verify(parts);
    if (evidence === undefined) throw new Error("refused");
    const states = provenSamples(evidence).map(({ state, reason }) => `${state} ${reason ?? ""}`);
    expect(new Set(states)).toEqual(new Set(["quarantined binding-pending"]));
  });
});

describe("evidence of which a byte was changed [HS-312c2]", () => {
  const places = (["device", "message", "receipt", "statement"] as const).flatMap((part) =>
    placesIn(good.parts[part]).map((at) => [part, at] as const),
  );
  it.each(places)("is refused: %s, byte %d", async (part, at) => {
    const failure = await failureOf({ ...good.parts, [part]: flip(good.parts[part], at) });
    expect(failure?.reason).toEqual(expect.stringMatching(/./));
    const own: Readonly<Record<typeof part, string>> = {
      device: "device-key",
      message: "message-",
      receipt: "receipt-",
      statement: "statement-",
    };
    // A key that stays a key of somebody fails where it was to verify something.
    if (part !== "device") expect(failure?.check).toContain(own[part]);
    else expect(["device-key", "message-signature"]).toContain(failure?.check);
  });

  it.each(placesIn(good.parts.hospital[0] as Bytes))(
    "is refused: the hospital's key, byte %d",
    async (at) => {
      const hospital = [flip(good.parts.hospital[0] as Bytes, at)];
      const failure = await failureOf({ ...good.parts, hospital });
      // A key's thumbprint does not cover whose key it is: that the statement says.
      const checks = ["hospital-keys", "message-signature", "statement-content"];
      expect(checks).toContain(failure?.check);
    },
  );

  it("is refused where something stands behind a signed part", async () => {
    for (const part of ["message", "receipt", "statement", "device"] as const) {
      const longer = new Uint8Array([...good.parts[part], 0]);
      expect(await failureOf({ ...good.parts, [part]: longer })).toBeDefined();
    }
  });
});

describe("evidence of which a part is another's [HS-312c2]", () => {
  const wrong = async (exchange: (other: MadeEvidence) => Partial<EvidenceParts>) =>
    (await failureOf({ ...good.parts, ...exchange(await makeEvidence()) }))?.check;

  it.each<[string, (other: MadeEvidence) => Partial<EvidenceParts>, CheckName]>([
    ["the device's key", ({ parts }) => ({ device: parts.device }), "message-signature"],
    ["the hospital's keys", ({ parts }) => ({ hospital: parts.hospital }), "message-signature"],
    ["the message", ({ parts }) => ({ message: parts.message }), "message-signature"],
    ["the receipt", ({ parts }) => ({ receipt: parts.receipt }), "receipt-signature"],
    ["the statement", ({ parts }) => ({ statement: parts.statement }), "statement-signature"],
    ["the receipt as statement", () => ({ statement: good.parts.receipt }), "statement-content"],
    ["the statement as receipt", () => ({ receipt: good.parts.statement }), "receipt-content"],
    [
      "the hospital's key as the device's",
      () => ({ device: good.parts.hospital[0] as Bytes }),
      "device-key",
    ],
    [
      "the device's key as the hospital's",
      () => ({ hospital: [good.parts.device] }),
      "hospital-keys",
    ],
    [
      "one key twice",
      () => ({ hospital: [...good.parts.hospital, ...good.parts.hospital] }),
      "hospital-keys",
    ],
    [
      "a key of another hospital beside",
      ({ parts }) => ({ hospital: [...good.parts.hospital, ...parts.hospital] }),
      "statement-content",
    ],
  ])("is refused: %s", async (_what, exchange, check) => {
    expect(await wrong(exchange)).toBe(check);
  });
});

describe("evidence that somebody made without any key of the hospital's", () => {
  it("names the forger's key as the statement's, though the message was signed for the true one", async () => {
    const forger = await newSigner(hospitalSub("test-hospital"), crypto);
    const made = await makeEvidence({ receiptSigner: forger, statementSigner: forger });
    const { evidence } = await verify(made.parts);
    // Nothing in the file can show that the second key is not the hospital's: comparing does, if it is this one.
    expect(evidence?.statementKey).toEqual(forger.credential);
    expect(evidence?.statementKey.thumbprint).not.toEqual(made.hospital.credential.thumbprint);
  });
});

describe("evidence with a time that no calendar has", () => {
  const late = 8.64e15 + 1;
  const bind = (change: object) => ({
    state: (made: Statement): Statement => ({ ...made, binding: { ...made.binding, ...change } }),
  });
  const decision = { reason: "clock", kind: "released", by: "Dr. Invented", why: "Seen" } as const;
  it.each<[string, EvidenceChanges, CheckName]>([
    ["statement", { state: (made) => ({ ...made, made: late }) }, "statement-content"],
    ["enrolment", bind({ enrolled: late }), "statement-content"],
    ["confirmation", bind({ confirmed: { at: late, by: "Nurse" } }), "statement-content"],
    ["end of the binding", bind({ ended: late }), "statement-content"],
    ["decision", { decisions: [{ ...decision, at: late }] }, "statement-content"],
    ["receipt", { received: late }, "receipt-content"],
    ["sample", { series: [{ ...HEART, start: late }] }, "message-content"],
    ["last sample", { series: [{ ...HEART, start: late - 1 }] }, "message-content"],
  ])("is refused: of the %s", async (_what, changes, check) => {
    const { parts } = await makeEvidence(changes);
    expect((await failureOf(parts))?.check).toBe(check);
  });

  it("is read up to the last moment that one has", async () => {
    const { parts } = await makeEvidence({ state: (made) => ({ ...made, made: 8.64e15 }) });
    expect((await verify(parts)).evidence?.statement.made).toBe(8.64e15);
  });
});

describe("evidence that was signed otherwise", () => {
  it.each<[string, EvidenceChanges, CheckName]>([
    ["the message is a request", { messageTyp: TYP.request }, "message-content"],
    ["the receipt is a notice", { receiptTyp: TYP.notice }, "receipt-content"],
    [
      "the receipt names another message-id",
      { receiptMessageId: other.messageId },
      "receipt-content",
    ],
    ["the receipt names another text", { receiptName: new Uint8Array(32) }, "receipt-content"],
    ["the receipt refuses the message", { outcome: 3, reason: "schema" }, "receipt-content"],
    [
      "the receipt names a sample that there is not",
      { outcome: 1, quarantined: [[0, 3, "clock"]] },
      "receipt-content",
    ],
    [
      "the receipt names a series that there is not",
      { outcome: 1, quarantined: [[2, 0, "clock"]] },
      "receipt-content",
    ],
    [
      "the statement is about another message",
      { state: (made) => ({ ...made, message: new Uint8Array(32) }) },
      "statement-content",
    ],
    [
      "the statement is about another receipt",
      { state: (made) => ({ ...made, receipt: new Uint8Array(32) }) },
      "statement-content",
    ],
    [
      "the statement is of another hospital",
      { state: (made) => ({ ...made, hospitalId: "other-hospital" }) },
      "statement-content",
    ],
    [
      "the statement is about other keys",
      { state: (made) => ({ ...made, hospitalKeys: [new Uint8Array(32)] }) },
      "statement-content",
    ],
    [
      "the statement leaves a key out",
      { state: (made) => ({ ...made, hospitalKeys: [] }) },
      "statement-content",
    ],
  ])("is refused: %s", async (_what, changes, check) => {
    const { parts } = await makeEvidence(changes);
    expect((await failureOf(parts))?.check).toBe(check);
  });

  it("is refused where another hospital made the statement", async () => {
    const statementSigner = await newSigner(hospitalSub("other-hospital"), crypto);
    const { parts } = await makeEvidence({ statementSigner });
    expect((await failureOf(parts))?.check).toBe("hospital-keys");
  });

  it("says of what comes behind a failed check that it was not checked", async () => {
    const { checks } = await verify({ ...good.parts, receipt: good.parts.statement });
    const behind = checks.slice(CHECKS.indexOf("receipt-content") + 1);
    expect(behind.map(({ ok, reason }) => [ok, reason])).toEqual(
      behind.map(() => [false, "not checked"]),
    );
  });
});
