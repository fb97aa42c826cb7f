import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkHistories, type HospitalRecords } from "../crash/check-history.ts";
import { readHistory, type DeviceHistory, type Operation } from "../crash/history.ts";
import { readingOf } from "../crash/readings.ts";

const [FIRST, SECOND, THIRD] = [1, 2, 3] as const;
const samplesOf = (reading: number) => [
  { kind: "heart-rate", at: reading * 10, value: 60 + reading },
  { kind: "blood-pressure", at: reading * 10, value: [120, 80, null] },
];
const posted = { sid: "session", seq: 7, hash: "hash of the envelope" };

/** A device that recorded two readings, has the receipt of the first, and was killed while it recorded a third. */
const OPERATIONS: readonly Operation[] = [
  { t: 1, op: "started", bookmark: 0 },
  { t: 2, op: "intended", reading: FIRST, samples: samplesOf(FIRST) },
  { t: 3, op: "recorded", reading: FIRST, ids: ["message 1"] },
  { t: 4, op: "posted", ...posted },
  { t: 5, op: "answered", ...posted, status: 202 },
  { t: 6, op: "receipted", id: "message 1", name: "name 1", outcome: 0 },
  { t: 7, op: "intended", reading: SECOND, samples: samplesOf(SECOND) },
  { t: 8, op: "recorded", reading: SECOND, ids: ["message 2"] },
  { t: 9, op: "problem", code: "NETWORK_UNREACHABLE" },
  { t: 10, op: "intended", reading: THIRD, samples: samplesOf(THIRD) },
];
const DEVICE: DeviceHistory = {
  name: "phone",
  kid: "kid",
  patient: "Ada",
  operations: OPERATIONS,
};

const stored = (reading: number) =>
  samplesOf(reading).map((sample) => {
    return { ...sample, patient: "Ada", device: "kid", id: `message ${reading}` };
  });
const message = (reading: number) => {
  return {
    device: "kid",
    patient: "Ada",
    id: `message ${reading}`,
    name: `name ${reading}`,
    outcome: 0,
    samples: 2,
  };
};
const RECORDS: HospitalRecords = {
  samples: [...stored(FIRST), ...stored(SECOND)],
  messages: [message(FIRST), message(SECOND)],
  numbers: [{ device: "kid", ...posted }],
  refused: [],
};

/** What is found in a history with further operations and changed records. */
function found(
  change: Partial<HospitalRecords>,
  more: readonly Operation[] = [],
): readonly string[] {
  const device = { ...DEVICE, operations: [...OPERATIONS, ...more] };
  return checkHistories([device], { ...RECORDS, ...change }).map(
    ({ kind, what }) => `${kind}: ${what}`,
  );
}

const only = (kind: string) => [expect.stringMatching(new RegExp(`^${kind}: `)) as string];
const changed = (change: object) => [
  { ...RECORDS.samples[0]!, ...change },
  ...RECORDS.samples.slice(1),
];

describe("the checker of histories finds nothing", () => {
  it("where the hospital holds each recorded reading once", () => {
    expect(found({})).toEqual([]);
  });

  it("in a reading that was meant when the device was killed, whether it is stored or not", () => {
    const samples = [...RECORDS.samples, ...stored(THIRD)];
    expect(found({ samples, messages: [...RECORDS.messages, message(THIRD)] })).toEqual([]);
  });

  it("where a reading is taken up again that the device's store never held", () => {
    const again: readonly Operation[] = [
      { t: 11, op: "started", bookmark: SECOND },
      { t: 12, op: "intended", reading: THIRD, samples: samplesOf(THIRD) },
      { t: 13, op: "recorded", reading: THIRD, ids: ["message 3"] },
      { t: 14, op: "drained", bookmark: THIRD, left: 0 },
    ];
    const samples = [...RECORDS.samples, ...stored(THIRD)];
    expect(found({ samples, messages: [...RECORDS.messages, message(THIRD)] }, again)).toEqual([]);
  });

  it("where a device's sample stands in quarantine as it has to, and its receipt says so", () => {
    const samples = [
      { kind: "heart-rate", at: 40, value: 0, quarantine: "no-signal" },
      { kind: "heart-rate", at: 41, value: 60 },
    ];
    const more: readonly Operation[] = [
      { t: 11, op: "intended", reading: 4, samples },
      { t: 12, op: "recorded", reading: 4, ids: ["message 4"] },
      { t: 13, op: "receipted", id: "message 4", name: "name 4", outcome: 1 },
    ];
    const held = samples.map((sample) => ({
      ...sample,
      patient: "Ada",
      device: "kid",
      id: "message 4",
    }));
    const change = {
      samples: [...RECORDS.samples, ...held],
      messages: [...RECORDS.messages, { ...message(4), outcome: 1 }],
    };
    expect(found(change, more)).toEqual([]);
  });

  it("in numbers of sessions before the history began", () => {
    const before = { device: "kid", sid: "enrolment", seq: 0, hash: "other" };
    expect(found({ numbers: [...RECORDS.numbers, before] })).toEqual([]);
  });

  it("and leaves what it was given as it is", () => {
    const before = structuredClone([DEVICE, RECORDS]);
    checkHistories([DEVICE], RECORDS);
    expect([DEVICE, RECORDS]).toEqual(before);
  });
});

describe("the checker of histories finds", () => {
  it("a recorded reading that is not stored", () => {
    const change = { samples: stored(FIRST), messages: [message(FIRST)] };
    expect(found(change)).toEqual(["lost: reading 2: 2 of 2 samples"]);
  });

  it("a recorded reading that is stored in part", () => {
    const messages = [{ ...message(FIRST), samples: 1 }, message(SECOND)];
    expect(found({ samples: RECORDS.samples.slice(1), messages })).toEqual([
      "lost: reading 1: 1 of 2 samples",
    ]);
  });

  it("a part of a reading that was only meant", () => {
    const messages = [...RECORDS.messages, { ...message(THIRD), samples: 1 }];
    expect(found({ samples: [...RECORDS.samples, stored(THIRD)[0]!], messages })).toEqual(
      only("lost"),
    );
  });

  it("a reading that was recorded when the device was killed before it could say so, and is not stored", () => {
    expect(found({}, [{ t: 11, op: "started", bookmark: THIRD }])).toEqual([
      "lost: reading 3: 2 of 2 samples",
    ]);
  });

  it("a reading that was recorded and is gone from the device's own store", () => {
    expect(found({}, [{ t: 11, op: "started", bookmark: FIRST }])).toEqual([
      "lost: reading 2: recorded, and gone from the device's own store",
    ]);
  });

  it("a sample that is stored twice", () => {
    const messages = [{ ...message(FIRST), samples: 3 }, message(SECOND)];
    expect(found({ samples: [...RECORDS.samples, RECORDS.samples[0]!], messages })).toEqual([
      "doubled: reading 1: heart-rate at 10",
    ]);
  });

  it("a reading that is stored a second time in another message", () => {
    const again = stored(FIRST).map((sample) => ({ ...sample, id: "message 9" }));
    const messages = [...RECORDS.messages, { ...message(FIRST), id: "message 9" }];
    const kinds = found({ samples: [...RECORDS.samples, ...again], messages }).map(
      (text) => text.split(":")[0],
    );
    expect(kinds).toEqual(["doubled", "misfiled", "misfiled"]);
  });

  it("a message with two rows", () => {
    expect(found({ messages: [...RECORDS.messages, message(FIRST)] })).toEqual(only("doubled"));
  });

  it("a receipt for a message that has no row", () => {
    const receipt = {
      t: 11,
      op: "receipted",
      id: "message 9",
      name: "name 9",
      outcome: 0,
    } as const;
    expect(found({}, [receipt])).toEqual(["receipt-for-nothing: message message 9"]);
  });

  it("a receipt for a recorded reading that is not stored, and that the reading is lost", () => {
    const change = { samples: stored(SECOND), messages: [message(SECOND)] };
    expect(found(change).map((text) => text.split(":")[0])).toEqual([
      "lost",
      "receipt-for-nothing",
    ]);
  });

  it("a receipt that names another content than the row", () => {
    const messages = [{ ...message(FIRST), name: "another name" }, message(SECOND)];
    expect(found({ messages })).toEqual(only("receipt-differs"));
  });

  it("a receipt with another outcome than the row", () => {
    const receipt = {
      t: 11,
      op: "receipted",
      id: "message 2",
      name: "name 2",
      outcome: 2,
    } as const;
    expect(found({}, [receipt])).toEqual(only("receipt-differs"));
  });

  it("a row whose outcome does not fit the reading", () => {
    const messages = [message(FIRST), { ...message(SECOND), outcome: 1 }];
    expect(found({ messages })).toEqual(["altered: message message 2: outcome 1 instead of 0"]);
  });

  it("a sample that the device never meant to record", () => {
    const samples = [...RECORDS.samples, { ...RECORDS.samples[0]!, at: 99 }];
    const messages = [{ ...message(FIRST), samples: 3 }, message(SECOND)];
    expect(found({ samples, messages })).toEqual([
      "invented: heart-rate at 99 in message message 1",
    ]);
  });

  it("a reading that was meant, and that the device's store says it never held", () => {
    const samples = [...RECORDS.samples, ...stored(THIRD)];
    const messages = [...RECORDS.messages, message(THIRD)];
    const drained = { t: 11, op: "drained", bookmark: SECOND, left: 0 } as const;
    expect(found({ samples, messages }, [drained])).toEqual(only("invented"));
  });

  it("a message of a device that is none of ours", () => {
    expect(
      found({ messages: [...RECORDS.messages, { ...message(9), device: "stranger" }] }),
    ).toEqual(only("invented"));
  });

  it("a value that is another one", () => {
    expect(found({ samples: changed({ value: 62 }) })).toEqual([
      "altered: reading 1, heart-rate at 10: 61 became 62",
    ]);
  });

  it("a good sample in quarantine", () => {
    expect(found({ samples: changed({ quarantine: "out-of-range" }) })).toEqual(only("altered"));
  });

  it("a row that counts other samples than its message holds", () => {
    expect(found({ messages: [message(FIRST), { ...message(SECOND), samples: 3 }] })).toEqual(
      only("altered"),
    );
  });

  it("samples whose message has no row", () => {
    expect(found({ messages: [message(FIRST)] })).toEqual(only("altered"));
  });

  it("a sample under another patient", () => {
    expect(found({ samples: changed({ patient: "Bob" }) })).toEqual(only("misfiled"));
  });

  it("a row under another patient", () => {
    expect(found({ messages: [{ ...message(FIRST), patient: "Bob" }, message(SECOND)] })).toEqual(
      only("misfiled"),
    );
  });

  it("a sample in another message than the device put it into", () => {
    const messages = [
      { ...message(FIRST), samples: 1 },
      { ...message(SECOND), samples: 3 },
    ];
    expect(found({ samples: changed({ id: "message 2" }), messages })).toEqual(only("misfiled"));
  });

  it("two envelopes of the device under one number", () => {
    const again = { t: 11, op: "posted", ...posted, hash: "another hash" } as const;
    const kinds = found({}, [again]).map((text) => text.split(":")[0]);
    expect(kinds).toContain("number-reused");
  });

  it("a number that was used up by another envelope than the device posted", () => {
    const numbers = [...RECORDS.numbers, { device: "kid", ...posted, seq: 8, hash: "forged" }];
    expect(found({ numbers })).toEqual(only("number-reused"));
  });

  it.each([200, 202])(
    "an envelope that the gateway answered with %i and that never came",
    (status) => {
      const lost = { sid: "session", seq: 8, hash: "hash of another" };
      const more: readonly Operation[] = [
        { t: 11, op: "posted", ...lost },
        { t: 12, op: "answered", ...lost, status },
      ];
      expect(found({}, more)).toEqual([`accepted-and-gone: session/8, answered with ${status}`]);
    },
  );

  it.each([0, 204, 401, 503])(
    "nothing in an envelope that was answered with %i and never came",
    (status) => {
      const lost = { sid: "session", seq: 8, hash: "hash of another" };
      const more: readonly Operation[] = [
        { t: 11, op: "posted", ...lost },
        { t: 12, op: "answered", ...lost, status },
      ];
      expect(found({}, more)).toEqual([]);
    },
  );

  it("an envelope that the hospital could not deal with", () => {
    expect(found({ refused: [{ device: "kid", sid: "session", reason: "internal" }] })).toEqual(
      only("refused"),
    );
  });

  it("an envelope of a session that the hospital never had", () => {
    const refused = [{ device: "unknown", sid: "another", reason: "session-unknown" }];
    expect(found({ refused })).toEqual(only("refused"));
  });

  it.each<Operation>([
    { t: 11, op: "kept", id: "message 2", reason: "no-answer" },
    { t: 11, op: "alarm", alarm: "sequence-conflict" },
    { t: 11, op: "drained", bookmark: THIRD - 1, left: 1 },
  ])("what a device says it cannot mend by itself: $op", (operation) => {
    expect(found({}, [operation])).toEqual(only("given-up"));
  });

  it("two readings of one device at one place, as a fault of the test itself", () => {
    const clash = { t: 11, op: "intended", reading: 9, samples: samplesOf(FIRST) } as const;
    expect(() => found({}, [clash])).toThrow("belongs to two readings");
  });

  it("what the history tells of a violation, and nothing else of it", () => {
    const [violation] = checkHistories([DEVICE], { ...RECORDS, samples: changed({ value: 62 }) });
    expect(violation?.operations.map(({ t }) => t)).toEqual([1, 2, 3, 6]);
  });
});

describe("a device's history", () => {
  it("is read without the line that the device was killed in the middle of", () => {
    const folder = mkdtempSync(join(tmpdir(), "siphms-history-"));
    const file = join(folder, "history.jsonl");
    const [whole, next] = OPERATIONS.map((operation) => JSON.stringify(operation));
    writeFileSync(file, `${whole!}\n{"t":2,"op":"inte\n${next!}\n{"t":`);
    const read = readHistory(file);
    rmSync(folder, { recursive: true });
    expect(read).toEqual(OPERATIONS.slice(0, 2));
  });

  it("takes the same reading up again, and never gives two readings one place", () => {
    const source = { seed: 5, begin: 1_000_000 };
    expect(readingOf(3, source)).toEqual(readingOf(3, source));
    const places = Array.from({ length: 2_000 }, (_, number) => readingOf(number, source).samples)
      .flat()
      .map(({ kind, at }) => `${kind} ${at}`);
    expect(new Set(places).size).toBe(places.length);
    expect(places.length).toBeGreaterThan(4_000);
  });

  it("differs from another device's", () => {
    const [one, other] = [1, 2].map((seed) => readingOf(3, { seed, begin: 0 }));
    expect(one).not.toEqual(other);
  });
});
