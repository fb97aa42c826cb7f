/**
 * Attacks on the audit log by whoever has the database, and even the log's key: made in the PostgreSQL of a running
 * installation as its superuser, and looked for as an auditor would, with `siphms audit verify`. The witness is the
 * installation's own gateway.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRecord, parseRecord, type LogFinding } from "@siphms/audit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { compareByParts, type AuditComparison } from "@siphms/api";
import { parseCheckpoint, parseNote } from "@siphms/tlog";
import type { WitnessSaying } from "../../apps/cli/src/audit-log/ask-witnesses.ts";
import type { OperatorClient } from "../../apps/cli/src/installation/operator-client.ts";
import { runCommand } from "../../apps/cli/src/index.ts";
import { Attacker, forgeHistory, type StoredLeaf } from "../audit-attacks/attacker.ts";
import { Installation } from "../system/installation.ts";

/** More than a full tile of them, so that there are stored ones to attack too. */
const ENTRIES = 270;

/** What `siphms audit verify --json` prints. */
interface Verdict {
  readonly ok: boolean;
  readonly entries: number;
  readonly origin: string;
  readonly checkpoint: string;
  readonly findings: readonly (LogFinding & { readonly heads?: readonly { note: string }[] })[];
  readonly witnesses: readonly WitnessSaying[];
  readonly comparison: AuditComparison;
  readonly witnessed?: { readonly size: number };
}

let installation: Installation;
let attacker: Attacker;
let folder: string;
let policy: string;
let leaves: readonly StoredLeaf[];
let noted: string[] = [];

beforeAll(async () => {
  installation = await Installation.start();
  attacker = await Attacker.connect(installation.data);
  folder = mkdtempSync(join(tmpdir(), "siphms-attacks-"));
  policy = join(folder, "policy");
  await installation.asOperator(async (operator) => {
    await register(ENTRIES, operator);
    // Pinned before anybody attacks, as an auditor's is.
    writeFileSync(policy, (await operator.auditLog.read("policy")) ?? "");
  });
  // Not by verifying again and again: each is an entry itself, and shows the witness a head before the hospital does.
  await installation.asOperator((operator) =>
    vi.waitFor(
      async () => {
        const { waiting } = await compareByParts((place) => operator.compareAudit(place));
        const [size, witnessed] = await Promise.all(
          ["checkpoint", "checkpoint.witnessed"].map((name) => sizeOf(name, operator)),
        );
        expect(waiting).toBe(0);
        expect(size).toBeGreaterThan(ENTRIES);
        expect(witnessed).toBe(size);
      },
      { timeout: 30_000, interval: 500 },
    ),
  );
});

async function sizeOf(name: string, operator: OperatorClient): Promise<number> {
  const note = await operator.auditLog.read(name);
  return note === undefined ? 0 : parseCheckpoint(parseNote(note).text).size;
}

beforeEach(async () => {
  await attacker.holdLog();
  await attacker.keep("kept");
  leaves = await attacker.leaves();
  noted = [];
});

afterEach(async () => {
  await attacker.putBack("kept");
  await attacker.letLogGo();
});

afterAll(async () => {
  await attacker.end();
  await installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

let registered = 0;

/** Registers so many invented patients: an entry at least for each. */
async function register(count: number, operator: OperatorClient): Promise<void> {
  const person = { name: "Ada Example", birthDate: "1950-07-01", sex: "F" } as const;
  const mrns = Array.from({ length: count }, () => `attacked-${registered++}`);
  await operator.patients();
  await Promise.all(mrns.map((mrn) => operator.addPatient({ mrn, ...person })));
}

/** Runs `siphms audit` with the pinned policy, and reads its JSON. */
async function audit<T>(...words: string[]): Promise<{ status: number; answer: T }> {
  const printed: string[] = [];
  const status = await runCommand(["audit", ...words, "--policy", policy, "--json"], {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
  return { status, answer: JSON.parse(printed[0] ?? "{}") as T };
}

async function verify(...options: string[]): Promise<{ status: number; verdict: Verdict }> {
  const running = ["verify", "--data", installation.data, ...options];
  const { status, answer } = await audit<Verdict>(...running);
  return { status, verdict: answer };
}

/** Verifies a log that was attacked. */
async function found(...options: string[]): Promise<Verdict> {
  const { status, verdict } = await verify(...options);
  expect(status).toBe(1);
  expect(verdict.ok).toBe(false);
  return verdict;
}

const entriesOf = (): readonly Uint8Array<ArrayBuffer>[] => leaves.map(({ entry }) => entry);
const forged = (at: number): readonly Uint8Array<ArrayBuffer>[] =>
  forgeHistory(entriesOf(), at, (record) => ({ ...record, actor: "staff:999" }));
const VICTIM = 100;
const eventAt = (index: number): string => leaves[index]?.eventId ?? "";

describe("the audit log of a running hospital, left alone [HS-312b] (SR-60)", () => {
  it("is exported and verified without it, and an entry of it proven to whoever has the policy alone", async () => {
    const to = join(folder, "export");
    const data = ["--data", installation.data];
    expect((await audit("export", to, ...data)).status).toBe(0);
    const { status, answer } = await audit<Verdict>("verify", "--from", to);
    expect([status, answer.ok, answer.entries]).toEqual([0, true, leaves.length]);
    expect(answer.witnessed?.size).toBe(leaves.length);

    const proof = join(folder, "proof");
    expect((await audit("prove", "7", "--out", proof, ...data)).status).toBe(0);
    const checked = await audit<{ index: number; cosigned: unknown[] }>("check-proof", proof);
    expect(checked).toMatchObject({ status: 0, answer: { index: 7, cosigned: [{}] } });
  });

  it("is the one that its witness has cosigned", async () => {
    const { status, answer } = await audit("witness", "--data", installation.data);
    expect([status, answer]).toMatchObject([0, { witnesses: [{ state: "agrees" }] }]);
  });
});

describe("the audit log of a running hospital, attacked by a superuser of its database [HS-312b] (SR-60)", () => {
  it("is sound before anything is done to it, and its witness agrees", async () => {
    const { status, verdict } = await verify();
    expect(status).toBe(0);
    expect(verdict).toMatchObject({ ok: true, findings: [], witnesses: [{ state: "agrees" }] });
    expect(verdict.comparison).toMatchObject({ ok: true, size: verdict.entries });
  });

  it("edit: an altered row is found by its index, though its entry is untouched", async () => {
    await attacker.act([
      "UPDATE public.audit_events SET actor = 'staff:999' WHERE id = $1",
      [eventAt(VICTIM)],
    ]);
    const { findings, comparison } = await found();
    expect(findings).toEqual([]);
    expect(comparison.findings).toMatchObject([{ what: "row-altered", index: VICTIM }]);
    expect(noted.at(-1)).toContain(`the first bad index is ${VICTIM}`);
  });

  it("edit: an altered entry is found by its index", async () => {
    const entry = forged(VICTIM)[VICTIM]!;
    await attacker.act([
      "UPDATE public.audit_events SET entry = $2, actor = 'staff:999' WHERE id = $1",
      [eventAt(VICTIM), Buffer.from(entry)],
    ]);
    const { findings } = await found();
    expect(findings).toEqual([
      { kind: "entries", from: VICTIM, to: VICTIM + 1, reason: "altered" },
    ]);
  });

  it("edit: details that are others than were logged are found by their index", async () => {
    const at = leaves.findIndex(({ entry }) => parseRecord(entry).details !== undefined);
    await attacker.act([
      "UPDATE public.audit_details SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE event_id = $1",
      [eventAt(at)],
    ]);
    expect((await found()).comparison.findings).toMatchObject([
      { what: "details-altered", index: at },
    ]);
  });

  it("delete: details that were taken away are found by their index [HS-312c1]", async () => {
    const at = leaves.findIndex(({ entry }) => parseRecord(entry).details !== undefined);
    await attacker.act(["DELETE FROM public.audit_details WHERE event_id = $1", [eventAt(at)]]);
    expect((await found()).comparison.findings).toMatchObject([
      { what: "details-missing", index: at },
    ]);
  });

  it("delete: an entry that is gone is found by its index", async () => {
    await attacker.act(["DELETE FROM public.audit_events WHERE id = $1", [eventAt(VICTIM)]]);
    const { findings } = await found();
    expect(findings).toMatchObject([{ kind: "entries", from: VICTIM, reason: "missing" }]);
  });

  it("insert: an entry that was put between others is found by its index", async () => {
    const invented = { ...parseRecord(leaves[VICTIM]!.entry), sequence: 900_000_000 };
    await attacker.act(
      [
        `INSERT INTO public.audit_events
           (id, at, event, actor, subject, object, action, outcome, role, purpose, version, instance, sequence, entry, mac)
         OVERRIDING SYSTEM VALUE
         SELECT 900000000, at, event, actor, subject, object, action, outcome, role, purpose, version, instance, 900000000, $2, mac
         FROM public.audit_events WHERE id = $1`,
        [eventAt(VICTIM), Buffer.from(encodeRecord(invented))],
      ],
      ["UPDATE public.audit_leaves SET idx = idx + 1000000 WHERE idx >= $1", [VICTIM]],
      ["INSERT INTO public.audit_leaves (idx, event_id) VALUES ($1, 900000000)", [VICTIM]],
      ["UPDATE public.audit_leaves SET idx = idx - 999999 WHERE idx >= 1000000"],
    );
    // Everything behind it has moved on by one, so that not it alone is another than was signed.
    expect((await found()).findings).toMatchObject([{ kind: "entries", reason: "altered" }]);
    expect(noted.at(-1)).toContain(`the first bad index is ${VICTIM}`);
  });

  it("reorder: two entries in each other's place are found by the first one's index", async () => {
    const [one, other] = [VICTIM, VICTIM + 5];
    await attacker.act(
      ["UPDATE public.audit_leaves SET idx = idx + 1000000 WHERE idx IN ($1, $2)", [one, other]],
      ["UPDATE public.audit_leaves SET idx = $1 WHERE idx = 1000000 + $2::bigint", [one, other]],
      ["UPDATE public.audit_leaves SET idx = $2 WHERE idx = 1000000 + $1::bigint", [one, other]],
    );
    expect((await found()).findings).toMatchObject([
      { kind: "entries", from: VICTIM, to: VICTIM + 1 },
    ]);
  });

  it("truncate: the first of the entries that were cut off is named", async () => {
    const from = leaves.length - 3;
    await attacker.act(
      [
        "DELETE FROM public.audit_events WHERE id IN (SELECT event_id FROM public.audit_leaves WHERE idx >= $1)",
        [from],
      ],
      ["DELETE FROM public.audit_leaves WHERE idx >= $1", [from]],
    );
    expect((await found()).findings).toMatchObject([{ kind: "entries", reason: "missing" }]);
    expect(noted.at(-1)).toContain(`the first bad index is ${from}`);
  });

  it("edit with everything made anew but the signature: the tree is not the one that was signed", async () => {
    await attacker.rewrite(forged(VICTIM), { isCosigned: true });
    const [first] = (await found()).findings;
    // No stored tile is left to say where: an older checkpoint narrows it down as far as it can.
    expect(first).toMatchObject({ kind: "entries", reason: "altered" });
    expect(first?.kind === "entries" && first.from <= VICTIM && VICTIM < first.to).toBe(true);
  });

  it("re-sign with the stolen log key, without the witness: its cosignature is missing, and it has seen another history", async () => {
    const signer = await attacker.stealLogKey();
    await attacker.rewrite(forged(VICTIM), { signer, isCosigned: false });
    const { findings, witnesses } = await found();
    expect(findings).toEqual([{ kind: "checkpoint", head: "witnessed", code: "QUORUM_MISSED" }]);
    expect(witnesses).toMatchObject([{ state: "fork", status: 422 }]);
  });

  it("replayed cosignature: it is over the true checkpoint, not over the one that it was put under", async () => {
    const signer = await attacker.stealLogKey();
    await attacker.rewrite(forged(VICTIM), { signer, isCosigned: true });
    expect((await found()).findings).toContainEqual({
      kind: "checkpoint",
      head: "newest",
      code: "NOTE_UNAUTHENTIC",
    });
  });

  it("fork between two readers: what one was shown and what the other is shown are both signed, and both are named", async () => {
    const shown = join(folder, "shown");
    writeFileSync(shown, await attacker.newestNote());
    const signer = await attacker.stealLogKey();
    await attacker.rewrite(forged(VICTIM), { signer, isCosigned: false });
    const { findings, checkpoint } = await found("--known", shown);
    const conflict = findings.find(({ kind }) => kind === "conflict");
    expect(conflict?.heads?.map(({ note }) => note)).toEqual([
      readFileSync(shown, "utf8"),
      checkpoint,
    ]);
  });

  it("roll back the database: all fits together, but the witness, and a checkpoint that somebody kept, have seen more", async () => {
    const kept = join(folder, "kept");
    await attacker.keep("earlier");
    await attacker.letLogGo();
    await installation.asOperator((operator) => register(5, operator));
    const { length } = leaves;
    await expect
      .poll(async () => (await verify("--remember", kept)).verdict.witnessed?.size)
      .toBeGreaterThan(length + 4);
    await attacker.holdLog();
    await attacker.putBack("earlier");
    const alone = await found();
    expect(alone).toMatchObject({ findings: [], comparison: { ok: true } });
    expect(alone.witnesses).toMatchObject([{ state: "ahead" }]);
    const { findings } = await found("--known", kept);
    expect(findings).toMatchObject([{ kind: "conflict", from: alone.entries }]);
  });
});
