import { describe, expect, it } from "vitest";
import { commonPasswords } from "./common-passwords.ts";
import { judgePassword, normalizePassword, type PasswordFault } from "./password-rules.ts";

const context = { staffName: "Amina Haddad", hospitalName: "Brookfield Infirmary" };
const judge = (password: string) => judgePassword(password, context);

const EMOJI = Array.from("🦦🌊🪨🐚🦀🐟🪸🐙🦑🐬🐳🦈🐊🐢🦎🐍🐲🦕🦖🐸🐇🦔🦇🐻🐨🐼🦥🦡🐾🦃🐔🐓").slice(
  0,
  32,
);

describe("the rules for passwords [HS-308a5D]", () => {
  it.each<[string, string, PasswordFault | undefined]>([
    ["seven characters", "k7#pQ2z", "too-short"],
    ["eight characters of any kind", "vbtmxwrk", undefined],
    ["eight digits that are no row", "83920417", undefined],
    ["only lower case letters and blanks", "otters sleep holding hands", undefined],
    ["blanks at both ends", "  moss kettle  ", undefined],
    [
      "sixty-four letters",
      "kelp otter moss fern brook stone heron wren lark finch teal dove",
      undefined,
    ],
    ["thirty-two emoji", EMOJI.join(""), undefined],
    ["sixty-four emoji", [...EMOJI, ...EMOJI.toReversed()].join(""), undefined],
    ["Arabic letters", "قنفذصغيرحلو", undefined],
    [
      "two hundred and fifty-six characters",
      "kelp".repeat(2) + "mossy otter ".repeat(20) + "fernbrok",
      undefined,
    ],
    ["one more than that", "kelp".repeat(2) + "mossy otter ".repeat(20) + "fernbroke", "too-long"],
    ["seven emoji, which are fourteen units", "🦦🌊🪨🐚🦀🐟🪸", "too-short"],
    ["half a character", "otters sleep \ud83e", "malformed"],
    ["one letter", "aaaaaaaaaaaa", "repeating"],
    ["two letters in turn", "abababababab", "repeating"],
    ["four letters in turn", "abcdabcdabcd", "repeating"],
    ["the alphabet", "abcdefghijkl", "repeating"],
    ["the alphabet backwards", "lkjihgfedcba", "repeating"],
    ["a row of keys", "asdfghjkl", "repeating"],
    ["digits in a row", "1234567890", "repeating"],
    ["a common word", "password", "common"],
    ["a common word in capitals", "PASSWORD", "common"],
    ["a common word in full-width letters", "ｐａｓｓｗｏｒｄ", "common"],
    ["a common word with a year", "sunshine2024!", "common"],
    ["a common word with signs for letters", "p@$$w0rd", "common"],
    ["a common word between digits", "2024dragon!!", "common"],
    ["the person's name with digits", "Haddad1990", "names"],
    ["both of the person's names", "amina.haddad", "names"],
    ["the hospital's name", "brookfield2025", "names"],
    ["the hospital's name in two", "Brookfield-Infirmary", "names"],
    ["the application's name", "siphms2025", "names"],
    ["the application's name in a phrase", "siphms and otters holding hands", undefined],
    ["the person's name in a phrase", "haddad likes mossy brooks", undefined],
  ])("say about %s what is right (SR-05, SR-06)", (_what, password, verdict) => {
    expect(judge(password)).toBe(verdict);
  });

  it("take none of the three thousand most common that are long enough (SR-06)", () => {
    const sample = [...commonPasswords()]
      .filter((word) => Array.from(word).length >= 8)
      .slice(0, 3000);
    expect(sample).toHaveLength(3000);
    expect(sample.filter((word) => judge(word) === undefined)).toEqual([]);
  });

  it("take a common one in no mixture of cases either (SR-06)", () => {
    for (const password of ["BaseBall", "Iloveyou", "TrustNo1"]) {
      expect(judge(password)).toBe("common");
    }
  });

  it("know one form of a text that can be typed in two", () => {
    expect(normalizePassword("cafe\u0301")).toBe(normalizePassword("caf\u00e9"));
    expect(normalizePassword("Moss")).not.toBe(normalizePassword("moss"));
  });
});
