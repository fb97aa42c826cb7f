import { describe, expect, it } from "vitest";
import { createNewest } from "./newest.ts";

/** Work that ends when the test says so, and what was shown of it. */
const begin = () => {
  const shown: (string | undefined)[][] = [];
  const ends = new Map<string, (outcome: string | Error) => void>();
  const take = createNewest(
    (name: string) =>
      new Promise<string>((resolve, reject) => {
        ends.set(name, (outcome) => {
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        });
      }),
    (name, outcome) => {
      shown.push([name, outcome]);
    },
  );
  return { shown, take, end: (name: string, outcome: string | Error) => ends.get(name)?.(outcome) };
};

describe("the verifier's page", () => {
  it("takes away what it showed before it looks at the next file", async () => {
    const { shown, take, end } = begin();
    const first = take("first");
    end("first", "genuine");
    await first;
    const second = take("second");
    expect(shown.at(-1)).toEqual(["second", undefined]);
    end("second", new Error("torn"));
    await expect(second).rejects.toThrow("torn");
    expect(shown.at(-1)).toEqual(["second", undefined]);
  });

  it("never shows a slower file's outcome in place of the newest one's", async () => {
    const { shown, take, end } = begin();
    const slow = take("slow");
    const quick = take("quick");
    end("quick", "refused");
    await quick;
    end("slow", "genuine");
    await slow;
    expect(shown.at(-1)).toEqual(["quick", "refused"]);
    expect(shown).not.toContainEqual(["slow", "genuine"]);
  });
});
