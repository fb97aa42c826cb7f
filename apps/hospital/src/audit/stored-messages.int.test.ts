import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Transaction } from "../database/index.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { appendAudit } from "./events.ts";
import { isPassed, setAuditFence, type AuditFence } from "./stored-messages.ts";

let world: HospitalWorld;

beforeAll(async () => {
  world = await createHospitalWorld();
});

const open: { readonly end: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const { end } of open.splice(0)) await end();
});

afterAll(() => world.close());

const note = (tx: Transaction): Promise<void> =>
  appendAudit(tx, [
    { at: 1, event: "invented", actor: "operator", action: "create", outcome: "done" },
  ]);

/** A transaction that is under way until it is told to end. */
async function begin() {
  let end = (): void => undefined;
  const isToEnd = new Promise<void>((resolve) => (end = resolve));
  let begun: (tx: Transaction) => void = () => undefined;
  const isBegun = new Promise<Transaction>((resolve) => (begun = resolve));
  const ended = world.database.withTransaction(async (tx) => {
    await tx.query("SELECT pg_current_xact_id()");
    begun(tx);
    await isToEnd;
  });
  const tx = await isBegun;
  const transaction = {
    tx,
    end: (): Promise<void> => {
      end();
      return ended;
    },
  };
  open.push(transaction);
  return transaction;
}

/** Waits: other databases of the same server count too, and what is done in them ends by itself. */
const passing = (fence: AuditFence): Promise<void> =>
  expect.poll(() => isPassed(world.database, fence), { timeout: 20_000 }).toBe(true);

describe("a fence in the audit log", () => {
  it("is passed where nobody was writing", async () => {
    await world.database.withTransaction(note);
    await passing(await setAuditFence(world.database));
  });

  it.each([
    ["the one that began first", 0],
    ["the one that began last", 1],
  ])(
    "is not passed before every entry below it can be seen: below it writes %s",
    async (_title, slow) => {
      const both = [await begin(), await begin()] as const;
      const [slower, quicker] = slow === 0 ? both : ([both[1], both[0]] as const);
      await note(slower.tx);
      await note(quicker.tx);
      await quicker.end();
      const fence = await setAuditFence(world.database);
      expect(await isPassed(world.database, fence)).toBe(false);
      await slower.end();
      await passing(fence);
    },
  );

  it("is passed although somebody is writing who began after it", async () => {
    const fence = await setAuditFence(world.database);
    const later = await begin();
    await note(later.tx);
    await passing(fence);
    await later.end();
  });
});
