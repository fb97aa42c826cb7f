import type { CborMap, CborValue } from "@siphms/cose";
import {
  isMethodName,
  isNoticeKind,
  type MapCodec,
  METHODS,
  type MethodName,
  NOTICES,
  type NoticeKind,
} from "@siphms/messages";
import { describe, expect, it } from "vitest";

const bytes = (length: number) => new Uint8Array(length).fill(7);
const map = (entries: Readonly<Record<number, CborValue>>): CborMap =>
  new Map(Object.entries(entries).map(([key, value]) => [Number(key), value]));

/** Checks one codec: good values come back and survive an unknown key, wrong maps are refused, wrong values not encoded. */
function itReadsAndWrites<T>(
  title: string,
  codec: MapCodec<T>,
  cases: {
    readonly good: readonly T[];
    readonly wrong?: readonly CborMap[];
    readonly unencodable?: readonly T[];
  },
): void {
  const { good, wrong = [], unencodable = [] } = cases;
  it(`reads and writes ${title}, ignoring keys of a later version`, () => {
    for (const value of good) {
      const encoded = codec.encode(value);
      expect(codec.parse(encoded)).toEqual(value);
      expect(codec.parse(new Map([...encoded, [99, "later"], ["later", 99]]))).toEqual(value);
    }
  });
  for (const [index, one] of wrong.entries()) {
    it(`refuses ${title} in wrong form ${index + 1}`, () => {
      expect(() => codec.parse(one)).toThrow(expect.objectContaining({ code: "PAYLOAD_SCHEMA" }));
    });
  }
  for (const [index, one] of unencodable.entries()) {
    it(`refuses to write ${title} in wrong form ${index + 1}`, () => {
      expect(() => codec.encode(one)).toThrow(RangeError);
    });
  }
}

const series = { kind: 1, start: 5, step: 1000, values: [70, 71], origin: 0 } as const;
const device = { kid: bytes(8), name: "phone", state: "active", enrolled: 5 };
const disclosure = {
  at: 1,
  who: "Dr. Weber",
  role: "doctor",
  purpose: "treatment",
  what: "readings",
};

describe("the methods", () => {
  it("are eleven, known by name only", () => {
    const names: readonly MethodName[] = [
      "confirm",
      "profile",
      "history",
      "limits",
      "disclosures",
      "devices",
      "revoke-device",
      "consent",
      "export",
      "seen",
      "audit-consistency",
    ];
    expect(Object.keys(METHODS)).toEqual(names);
    for (const name of names) expect(isMethodName(name)).toBe(true);
    for (const name of ["", "Confirm", "toString", "__proto__", "constructor"]) {
      expect(isMethodName(name)).toBe(false);
    }
  });

  itReadsAndWrites("confirm's parameters", METHODS.confirm.parameters, {
    good: [{ nonceD: bytes(32) }],
    wrong: [map({}), map({ 1: bytes(31) }), map({ 1: "x" })],
    unencodable: [{ nonceD: bytes(16) }],
  });
  itReadsAndWrites("confirm's result", METHODS.confirm.result, { good: [{}] });

  const profile = {
    patientId: "P-1",
    name: "Maria",
    age: 61,
    problem: "hypertension",
    doctor: "Dr. W",
  };
  itReadsAndWrites("profile's result", METHODS.profile.result, {
    good: [profile, { ...profile, lastVisit: 5 }],
    wrong: [
      map({}),
      map({ 1: 1, 2: "", 3: 0, 4: "", 5: "" }),
      map({ 1: "", 2: "", 3: -1, 4: "", 5: "" }),
      map({ 1: "", 2: "", 3: 0, 4: "" }),
      map({ 1: "", 2: "", 3: 0, 4: "", 5: "", 6: null }),
    ],
    unencodable: [
      { ...profile, age: 61.5 },
      { ...profile, lastVisit: -1 },
    ],
  });
  itReadsAndWrites("profile's parameters", METHODS.profile.parameters, { good: [{}] });

  itReadsAndWrites("history's parameters", METHODS.history.parameters, {
    good: [
      { from: 0, to: 9 },
      { from: 0, to: 9, kinds: [1, 11], limit: 100 },
    ],
    wrong: [
      map({ 1: 0 }),
      map({ 2: 0 }),
      map({ 1: 0, 2: -1 }),
      map({ 1: 0, 2: 9, 3: [] }),
      map({ 1: 0, 2: 9, 3: [12] }),
      map({ 1: 0, 2: 9, 3: 1 }),
      map({ 1: 0, 2: 9, 4: "all" }),
    ],
    unencodable: [{ from: 0, to: 9, kinds: [] }],
  });
  itReadsAndWrites("history's result", METHODS.history.result, {
    good: [{ series: [] }, { series: [series], nextFrom: 9 }],
    wrong: [map({}), map({ 1: [1] }), map({ 1: [map({ 1: 1 })] }), map({ 1: [], 2: null })],
    unencodable: [{ series: [{ ...series, values: [] }] }],
  });

  itReadsAndWrites("limits' result", METHODS.limits.result, {
    good: [
      { limits: [] },
      {
        limits: [
          { kind: 1, part: 0, low: 40, high: null, level: 1 },
          { kind: 2, part: 2, low: null, high: 120, level: 0 },
        ],
      },
    ],
    wrong: [
      map({}),
      map({ 1: [[1, 0, 40, 131]] }),
      map({ 1: [[1, 0, 40, 131, 1, 0]] }),
      map({ 1: [[1, 1, 40, 131, 1]] }),
      map({ 1: [[2, 3, 40, 131, 1]] }),
      map({ 1: [[12, 0, 40, 131, 1]] }),
      map({ 1: [[1, 0, "40", 131, 1]] }),
      map({ 1: [[1, 0, 40, 131, 2]] }),
    ],
    unencodable: [{ limits: [{ kind: 3, part: 1, low: null, high: null, level: 0 }] }],
  });

  itReadsAndWrites("disclosures' parameters", METHODS.disclosures.parameters, {
    good: [{ from: 0, to: 9 }],
    wrong: [map({ 1: 0 }), map({ 2: 9 }), map({ 1: "0", 2: 9 })],
  });
  itReadsAndWrites("disclosures' result", METHODS.disclosures.result, {
    good: [{ disclosures: [] }, { disclosures: [disclosure], nextFrom: 9 }],
    wrong: [
      map({}),
      map({ 1: [map({ 1: 1, 2: "", 3: "", 4: "" })] }),
      map({ 1: [map({ 1: 1, 2: "", 3: "", 4: "", 5: "", 6: "" })] }),
      map({ 1: [map({ 1: "1", 2: "", 3: "", 4: "", 5: "" })] }),
    ],
  });

  itReadsAndWrites("devices' result", METHODS.devices.result, {
    good: [{ devices: [] }, { devices: [device, { ...device, lastSeen: 9 }] }],
    wrong: [
      map({}),
      map({ 1: [map({ 1: bytes(7), 2: "", 3: "", 4: 0 })] }),
      map({ 1: [map({ 1: bytes(8), 2: "", 3: "" })] }),
      map({ 1: [map({ 1: bytes(8), 2: "", 3: "", 4: 0, 6: 0 })] }),
    ],
    unencodable: [{ devices: [{ ...device, kid: bytes(9) }] }],
  });
  itReadsAndWrites("revoke-device's parameters", METHODS["revoke-device"].parameters, {
    good: [{ kid: bytes(8) }],
    wrong: [map({}), map({ 1: bytes(16) })],
  });

  itReadsAndWrites("consent's parameters", METHODS.consent.parameters, {
    good: [{}, { change: { scope: "research", state: 0, version: 1 } }],
    wrong: [
      map({ 1: "research" }),
      map({ 1: "research", 2: 0 }),
      map({ 2: 0, 3: 1 }),
      map({ 3: 1 }),
      map({ 1: "research", 2: 2, 3: 1 }),
      map({ 1: "research", 2: true, 3: 1 }),
    ],
  });
  itReadsAndWrites("consent's result", METHODS.consent.result, {
    good: [
      { scopes: [], version: 1, text: "" },
      { scopes: [{ scope: "research", state: 1, since: 5 }], version: 2, text: "I agree" },
    ],
    wrong: [
      map({ 2: 1, 3: "" }),
      map({ 1: [["research", 1]], 2: 1, 3: "" }),
      map({ 1: [["research", 2, 5]], 2: 1, 3: "" }),
      map({ 1: [], 2: 1 }),
    ],
  });

  itReadsAndWrites("export's parameters", METHODS.export.parameters, {
    good: [{}, { next: bytes(9) }],
    wrong: [map({ 1: "next" }), map({ 1: null })],
  });
  itReadsAndWrites("export's result", METHODS.export.result, {
    good: [{ part: bytes(0) }, { part: bytes(40), next: bytes(9) }],
    wrong: [map({}), map({ 1: "part" }), map({ 1: bytes(1), 2: 1 })],
  });

  itReadsAndWrites("seen's parameters", METHODS.seen.parameters, {
    good: [{ messageIds: [bytes(16), bytes(16)] }],
    wrong: [map({}), map({ 1: [] }), map({ 1: [bytes(15)] }), map({ 1: bytes(16) })],
    unencodable: [{ messageIds: [] }],
  });

  itReadsAndWrites("audit-consistency's parameters", METHODS["audit-consistency"].parameters, {
    good: [{ fromSize: 3, toSize: 7 }],
    wrong: [map({ 1: 3 }), map({ 1: -3, 2: 7 })],
  });
  itReadsAndWrites("audit-consistency's result", METHODS["audit-consistency"].result, {
    good: [{ proof: [] }, { proof: [bytes(32), bytes(32)] }],
    wrong: [map({}), map({ 1: [bytes(31)] })],
  });
});

describe("the notices", () => {
  it("are five, known by name only", () => {
    const names: readonly NoticeKind[] = [
      "binding-active",
      "measure-now",
      "message",
      "limits-changed",
      "key-rotation",
    ];
    expect(Object.keys(NOTICES)).toEqual(names);
    for (const name of names) expect(isNoticeKind(name)).toBe(true);
    for (const name of ["", "Message", "valueOf", "__proto__"])
      expect(isNoticeKind(name)).toBe(false);
  });

  itReadsAndWrites("binding-active", NOTICES["binding-active"], { good: [{}] });
  itReadsAndWrites("limits-changed", NOTICES["limits-changed"], { good: [{}] });
  itReadsAndWrites("measure-now", NOTICES["measure-now"], {
    good: [{}, { kinds: [2] }, { until: 9 }, { kinds: [1, 2], until: 9 }],
    wrong: [map({ 1: [] }), map({ 1: [0] }), map({ 2: -1 })],
    unencodable: [{ kinds: [] }],
  });
  itReadsAndWrites("message", NOTICES.message, {
    good: [{ text: "Please call us." }],
    wrong: [map({}), map({ 1: 1 })],
  });
  itReadsAndWrites("key-rotation", NOTICES["key-rotation"], {
    good: [{ hospitalCredential: bytes(114), validUntil: 9 }],
    wrong: [map({ 1: bytes(114) }), map({ 2: 9 }), map({ 1: new Map(), 2: 9 })],
  });
});
