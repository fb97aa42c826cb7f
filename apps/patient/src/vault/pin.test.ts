import { describe, expect, it } from "vitest";
import { checkNewPin, parsePin } from "./pin.ts";

describe("parsePin", () => {
  it.each(["274915", "274915830461"])("takes %s", (typed) => {
    expect(parsePin(typed)).toBe(typed);
  });

  it.each([
    ["Arabic", "٢٧٤٩١٥"],
    ["Persian", "۲۷۴۹۱۵"],
  ])("takes %s digits for the same PIN", (_script, typed) => {
    expect(parsePin(typed)).toBe("274915");
  });

  it.each([
    ["nothing", ""],
    ["five digits", "27491"],
    ["thirteen digits", "2749158304617"],
    ["a letter", "27491a"],
    ["a space", "274 915"],
    ["a line behind it", "274915\n"],
    ["a sign", "-274915"],
    ["other digits than Unicode's Arabic ones", "२७४९१५"],
  ])("refuses %s", (_what, typed) => {
    expect(() => parsePin(typed)).toThrow(expect.objectContaining({ code: "PIN_FORM" }));
  });
});

describe("checkNewPin (SR-12)", () => {
  it.each(["274915", "902817", "5550192", "19283746"])("takes %s", (typed) => {
    expect(() => checkNewPin(parsePin(typed))).not.toThrow();
  });

  it.each([
    "000000",
    "123456",
    "654321",
    "890123",
    "864208",
    "121212",
    "123123",
    "12341234",
    "123321",
    "147258",
    "1472583",
    "159753",
    "111111111111",
  ])("refuses %s, which is guessed first", (typed) => {
    expect(() => checkNewPin(parsePin(typed))).toThrow(
      expect.objectContaining({ code: "PIN_WEAK" }),
    );
  });
});
