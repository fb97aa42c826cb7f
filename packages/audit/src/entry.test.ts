import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCbor, encodeCbor, isCborMap, type CborMap, type CborValue } from "@siphms/cose";
import { AuditError } from "./audit-error.ts";
import {
  commitDetails,
  encodeRecord,
  hashRecord,
  NO_ENTRY,
  parseRecord,
  type AuditRecord,
} from "./entry.ts";

const least: AuditRecord = {
  id: new Uint8Array(16).fill(1),
  at: 1_700_000_000_000,
  event: "staff.added",
  actor: "operator",
  action: "create",
  isDone: true,
  instance: new Uint8Array(8).fill(2),
  sequence: 0,
  before: NO_ENTRY,
  policy: 1,
};

const most: AuditRecord = {
  ...least,
  role: "doctor",
  session: new Uint8Array(16).fill(3),
  subject: new Uint8Array(16).fill(4),
  object: "ü".repeat(200),
  version: 7,
  purpose: "treatment",
  correlation: new Uint8Array(8).fill(5),
  details: new Uint8Array(32).fill(6),
};

function mapOf(record: AuditRecord): CborMap {
  const value = decodeCbor(encodeRecord(record));
  if (!isCborMap(value)) throw new Error("An entry is a map.");
  return value;
}

/** The entry with one member replaced, or taken away. */
function withMember(key: number, value: CborValue | undefined): Uint8Array {
  const map = new Map(mapOf(most));
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return encodeCbor(map);
}

describe("an entry of the audit log", () => {
  it.each([
    ["with the least that it may hold", least],
    ["with all that it may hold", most],
  ])("comes back as it was written: one %s", (_title, record) => {
    expect(parseRecord(encodeRecord(record))).toEqual(record);
  });

  it.each([
    ["an unknown key", 17, 1],
    ["an unknown text for a key", -1, 1],
    ["another form", 0, 2],
    ["no form", 0, undefined],
    ["a short id", 1, new Uint8Array(15)],
    ["no id", 1, undefined],
    ["a time before 1970", 2, -1],
    ["no event", 3, undefined],
    ["an event that is a number", 3, 3],
    ["an actor that is too long", 4, "a".repeat(201)],
    ["a role that is null", 5, null],
    ["a long session", 6, new Uint8Array(17)],
    ["a patient's own id as subject", 7, "0b6f6f5e-6c1b-4b9e-9d8a-2b7f3a1c4d5e"],
    ["a version below zero", 9, -1],
    ["an action that is none", 10, 5],
    ["an outcome that is a number", 11, 1],
    ["no instance", 13, undefined],
    ["an instance without the entry before", 13, [new Uint8Array(8), 0]],
    ["an instance with something more", 13, [new Uint8Array(8), 0, NO_ENTRY, 0]],
    ["a sequence below zero", 13, [new Uint8Array(8), -1, NO_ENTRY]],
    ["no policy", 15, undefined],
    ["a short commitment", 16, new Uint8Array(31)],
  ])("is refused with %s", (_title, key, value) => {
    expect(() => parseRecord(withMember(key, value))).toThrow(AuditError);
  });

  it("has one form alone: what is read is what would be written, whatever the bytes are", () => {
    const bytes = encodeRecord(most);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ mask;
        let read: AuditRecord;
        try {
          read = parseRecord(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(AuditError);
          return;
        }
        expect(encodeRecord(read)).toEqual(changed);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused with bytes behind it", () => {
    expect(() => parseRecord(Uint8Array.of(...encodeRecord(least), 0))).toThrow(AuditError);
  });

  it("has another hash when anything of it is another", () => {
    expect(hashRecord(encodeRecord(least))).not.toEqual(
      hashRecord(encodeRecord({ ...least, isDone: false })),
    );
  });

  it("binds its details with their salt, not one without the other", () => {
    const [salt, details] = [new Uint8Array(16).fill(1), new Uint8Array(4).fill(2)];
    const bound = commitDetails(salt, details);
    expect(commitDetails(new Uint8Array(16), details)).not.toEqual(bound);
    expect(commitDetails(salt, new Uint8Array(4))).not.toEqual(bound);
  });
});
