import { randomBytes } from "node:crypto";
import { hashRecord, NO_ENTRY, parseRecord } from "@siphms/audit";
import { equalBytes, toHex } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../database/index.ts";
import { openKeyring } from "../keys/index.ts";
import { createRequestContext, runInContext, setCaller } from "./context.ts";
import { createEntryMaker, type MadeEntry } from "./entry-maker.ts";

const PATIENT = "0b9b0a0e-5f0c-4a44-9d3a-6c3f3f4f5a6b";
const OTHER = "1b9b0a0e-5f0c-4a44-9d3a-6c3f3f4f5a6b";

const crypto = createNodeCrypto();
const keyring = openKeyring({ bytes: new Uint8Array(randomBytes(32)), adopted: false }, crypto);
const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at: 1_790_000_000_000, event: "data.disclosed", actor: "staff:12" },
  ...{ action: "read", outcome: "done", ...more },
});
const read = ({ leaf }: MadeEntry) => parseRecord(leaf);
const makeOne = (more: Partial<AuditEntry> = {}) => {
  const [made] = createEntryMaker({ keyring, crypto }).make([entry(more)]);
  if (made === undefined) throw new Error("nothing was made");
  return made;
};

describe("an entry of the log", () => {
  it("names the patient by a pseudonym that is theirs for ever, and nowhere by their id [HS-312b]", () => {
    const object = `plan:${PATIENT}/3`;
    const one = read(makeOne({ subject: PATIENT, object }));
    const again = read(makeOne({ subject: PATIENT, object }));
    expect(one.subject).toEqual(again.subject);
    expect(one.object).toBe(`plan:${toHex(one.subject ?? new Uint8Array())}/3`);
    expect(read(makeOne({ subject: OTHER })).subject).not.toEqual(one.subject);
    const bytes = Buffer.from(makeOne({ subject: PATIENT, object }).leaf);
    for (const form of [PATIENT, PATIENT.replaceAll("-", "")]) {
      expect(bytes.includes(form)).toBe(false);
      expect(bytes.includes(Buffer.from(form.replaceAll("-", ""), "hex"))).toBe(false);
    }
  });

  it("has another pseudonym under the key of another installation", () => {
    const other = openKeyring({ bytes: new Uint8Array(randomBytes(32)), adopted: false }, crypto);
    const [made] = createEntryMaker({ keyring: other, crypto }).make([entry({ subject: PATIENT })]);
    expect(made && read(made).subject).not.toEqual(read(makeOne({ subject: PATIENT })).subject);
  });

  it("holds its details as a hash alone, which nobody finds by trying", () => {
    const detail = { why: "relation" };
    const [one, again] = [makeOne({ detail }), makeOne({ detail })];
    expect(Buffer.from(one.leaf).includes("relation")).toBe(false);
    expect(read(one).details).toEqual(hashRecord(one.details ?? new Uint8Array()));
    expect(read(one).details).not.toEqual(read(again).details);
    expect(read(makeOne()).details).toBeUndefined();
    expect(read(makeOne({ detail: {} })).details).toBeUndefined();
  });

  it("says who made the request, by role and session, and which entries belong to it [HS-312b]", () => {
    const maker = createEntryMaker({ keyring, crypto });
    const sessionHash = new Uint8Array(randomBytes(32));
    let made: readonly MadeEntry[] = [];
    runInContext(createRequestContext(), () => {
      setCaller({ actor: "staff:12", role: "nurse", sessionHash });
      made = maker.make([entry(), entry({ actor: "hospital" })]);
    });
    const [own, other] = made.map(read);
    expect(own).toMatchObject({ role: "nurse", session: sessionHash.slice(0, 16) });
    expect(own?.correlation).toHaveLength(8);
    expect(other?.correlation).toEqual(own?.correlation);
    expect([other?.role, other?.session]).toEqual([undefined, undefined]);
    expect(maker.make([entry()]).map(read)[0]?.correlation).toBeUndefined();
  });

  it("does not say of one request what is true of another", async () => {
    const maker = createEntryMaker({ keyring, crypto });
    const serve = (role: string): Promise<MadeEntry | undefined> =>
      new Promise((resolve) => {
        runInContext(createRequestContext(), () => {
          setCaller({ actor: "staff:12", role, sessionHash: new Uint8Array(32) });
          setImmediate(() => resolve(maker.make([entry()])[0]));
        });
      });
    const made = await Promise.all([serve("nurse"), serve("doctor")]);
    expect(made.map((one) => one?.entry.role)).toEqual(["nurse", "doctor"]);
  });
});

describe("the entries of one program", () => {
  it("are numbered from 0, each with the hash of the one before", () => {
    const maker = createEntryMaker({ keyring, crypto });
    const made = [...maker.make([entry(), entry()]), ...maker.make([entry()])];
    const records = made.map(read);
    expect(records.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(records[0]?.before).toEqual(NO_ENTRY);
    for (const [at, { before, instance }] of records.entries()) {
      expect(instance).toEqual(maker.instance);
      const previous = made[at - 1];
      if (previous !== undefined) expect(before).toEqual(hashRecord(previous.leaf));
    }
  });

  it("have another name than those of any other program", () => {
    const [one, two] = [0, 1].map(() => createEntryMaker({ keyring, crypto }).instance);
    expect(one !== undefined && two !== undefined && equalBytes(one, two)).toBe(false);
  });

  it("say before anything else which of them were rolled back", () => {
    const maker = createEntryMaker({ keyring, crypto });
    maker.make([entry()]);
    maker.abandon(maker.make([entry(), entry()]));
    const [first, second] = maker.make([entry({ event: "next" })]).map(read);
    expect(first).toMatchObject({ event: "audit.abandoned", actor: "hospital", object: "1-2" });
    expect(second?.event).toBe("next");
    expect(maker.make([entry()])).toHaveLength(1);
  });

  it("have no numbers where they could not be made, and forget nothing (SR-58)", () => {
    const maker = createEntryMaker({ keyring, crypto });
    maker.abandon(maker.make([entry()]));
    const bad = [entry(), entry({ object: "x".repeat(201) })];
    expect(() => maker.make(bad)).toThrow("An audit entry is refused");
    expect(() => maker.make([entry(), entry({ detail: { share: 0.5 } })])).toThrow(RangeError);
    const made = maker.make([entry()]).map(read);
    expect(made.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(made[0]).toMatchObject({ event: "audit.abandoned", object: "0" });
  });

  it("say it again where the entry that said it was rolled back too", () => {
    const maker = createEntryMaker({ keyring, crypto });
    maker.abandon(maker.make([entry()]));
    maker.abandon(maker.make([entry()]));
    expect(maker.make([entry()]).map(read)[0]?.object).toBe("0-2");
  });
});
