import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendAudit, type AuditEntry } from "../audit/index.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { inSavepoint } from "./savepoint.ts";

let world: HospitalWorld;
beforeAll(async () => {
  world = await createHospitalWorld();
});
afterAll(() => world.close());

const entry = (event: string): AuditEntry => ({
  ...{ at: world.clock.now(), event, actor: "hospital" },
  ...{ action: "execute", outcome: "done" },
});

describe("a part of a transaction that fails alone", () => {
  it("leaves nothing in the audit log, which says that it is missing, and announces nothing [HS-312b]", async () => {
    const told: string[] = [];
    const entries = await entriesOf(world, () =>
      world.database.withTransaction(async (tx) => {
        await appendAudit(tx, [entry("before")]);
        const part = inSavepoint(tx, async (within) => {
          within.afterCommit(() => told.push("part"));
          await appendAudit(within, [entry("part")]);
          throw new Error("this part fails");
        });
        await expect(part).rejects.toThrow("this part fails");
        await appendAudit(tx, [entry("after")]);
        tx.afterCommit(() => told.push("whole"));
      }),
    );
    expect(entries.map(({ event }) => event)).toEqual(["before", "audit.abandoned", "after"]);
    expect(told).toEqual(["whole"]);
  });

  it("goes with the whole where it does not fail", async () => {
    const told: string[] = [];
    const act = (outcome: "fails" | "stands") =>
      world.database.withTransaction(async (tx) => {
        await inSavepoint(tx, async (within) => {
          within.afterCommit(() => told.push(outcome));
          await appendAudit(within, [entry(outcome)]);
        });
        if (outcome === "fails") throw new Error("the whole fails");
      });
    const entries = await entriesOf(world, async () => {
      await expect(act("fails")).rejects.toThrow("the whole fails");
      await act("stands");
    });
    expect(entries.map(({ event }) => event)).toEqual(["audit.abandoned", "stands"]);
    expect(told).toEqual(["stands"]);
  });
});
