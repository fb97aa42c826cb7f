import fc from "fast-check";
import { expect, it } from "vitest";
import { VaultWorld } from "../testing/vault-world.ts";
import { waitAfterMs } from "./attempts.ts";
import { PatientError } from "../errors.ts";

const PIN = "274915";
const WRONG = "909090";

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wrong"), tab: fc.nat(1), failAt: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("right"), tab: fc.nat(1), failAt: fc.nat(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait"), tab: fc.nat(1), failAt: fc.nat(2_000_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("restart"), tab: fc.nat(1), failAt: fc.nat(0) }),
  },
);

it("never gives an eleventh guess, one before its time, or one for nothing, whatever fails", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 80 }), async (actions) => {
      const world = new VaultWorld();
      const tabs = [world.openTab(), world.openTab()];
      const storeKey = await tabs[0]!.create({ pin: PIN });
      world.guesses = 0;
      let wrong = 0;
      let guessedAt = -Infinity;
      for (const step of actions) {
        if (step.do === "wait") {
          world.monotonicMs += step.failAt;
          continue;
        }
        if (step.do === "restart") {
          tabs[step.tab] = world.openTab();
          continue;
        }
        const before = world.guesses;
        // 0 and 1: the first or the second write of this attempt fails; 2 and 3: none does.
        world.store.failAt = step.failAt < 2 ? step.failAt : undefined;
        const pin = step.do === "right" ? PIN : WRONG;
        const outcome = await tabs[step.tab]!.openWithPin(pin).catch((error: unknown) => {
          if (error instanceof PatientError && error.code === "STORE_FAILED") return undefined;
          throw error;
        });
        world.store.failAt = undefined;
        if (world.guesses > before) {
          expect(wrong).toBeLessThan(10);
          expect(world.monotonicMs - guessedAt).toBeGreaterThanOrEqual(waitAfterMs(wrong));
          guessedAt = world.monotonicMs;
          wrong++;
        }
        if (outcome?.kind === "opened") {
          expect(pin).toBe(PIN);
          expect(outcome.storeKey).toEqual(storeKey);
          if (outcome.forgiven) wrong = 0;
        }
        if (outcome?.kind === "destroyed") expect(wrong).toBe(10);
      }
      // A key that had fewer than ten wrong guesses is never lost.
      world.monotonicMs += 3_600_000;
      const last = tabs[0]!;
      await last.status();
      world.monotonicMs += 3_600_000;
      expect((await last.openWithPin(PIN)).kind).toBe(wrong < 10 ? "opened" : "destroyed");
    }),
    { numRuns: 150 },
  );
});
