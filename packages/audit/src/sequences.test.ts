import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSequences, sequencesTexts } from "./sequences.ts";

const listOf = (texts: readonly string[]): readonly number[] =>
  texts.flatMap((text) =>
    (parseSequences(text) ?? []).flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, at) => first + at),
    ),
  );

describe("the sequences that an instance abandoned", () => {
  it("stand as ranges where they follow each other", () => {
    expect(sequencesTexts([21, 17, 19, 20, 17])).toEqual(["17,19-21"]);
  });

  it("are none where there are none", () => {
    expect(sequencesTexts([])).toEqual([]);
  });

  it("come back whole, in texts that an entry takes, however many they are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5_000), { maxLength: 400 }), (sequences) => {
        const texts = sequencesTexts(sequences);
        expect(texts.every((text) => text.length > 0 && text.length <= 200)).toBe(true);
        expect(listOf(texts)).toEqual([...sequences].sort((a, b) => a - b));
      }),
    );
  });

  it.each(["", "a", "1-", "-1", "1,,2", "1, 2", "3-2", "2,2", "5,1-6", "9007199254740992", "1.5"])(
    "are not read out of %j",
    (text) => {
      expect(parseSequences(text)).toBeUndefined();
    },
  );
});
