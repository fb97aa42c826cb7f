import { describe, expect, it } from "vitest";
import { compareThumbprint, formatSample, formatThumbprint } from "./describe.ts";

const print = Uint8Array.from({ length: 32 }, (_, index) => index);
const written = formatThumbprint(print);
const evidence = { statementKey: { thumbprint: print } };

describe("the verifier's words", () => {
  it("write values with their unit, and what was not measured as a dash", () => {
    expect(formatSample({ value: 36.6, unit: "°C" })).toBe("36.6 °C");
    expect(formatSample({ value: [120, 80, 93], unit: "mmHg" })).toBe("120/80 (93) mmHg");
    expect(formatSample({ value: [120, null, null], unit: "mmHg" })).toBe("120/– mmHg");
  });

  it("write a thumbprint so that it can be read out", () => {
    expect(written.split(" ")).toHaveLength(16);
    expect(written.startsWith("0001 0203")).toBe(true);
  });

  it.each([
    ["as it is shown", written],
    ["without spaces, in capitals", written.replaceAll(" ", "").toUpperCase()],
    ["with colons", (written.replaceAll(" ", "").match(/../g) ?? []).join(":")],
  ])("take a fingerprint %s", (_how, typed) => {
    expect(compareThumbprint(typed, evidence)).toBe("same");
  });

  it.each([
    ["one digit is another", written.replace("0001", "0002")],
    ["it is cut short", written.slice(0, -1)],
    ["it is longer", `${written}0`],
    ["it is something else", "fingerprint"],
  ])("refuse a fingerprint where %s", (_what, typed) => {
    expect(compareThumbprint(typed, evidence)).toBe("different");
  });

  it("refuse the fingerprint of a key that only stands beside the statement's", () => {
    const beside = new Uint8Array(32);
    const hospitalKeys = [{ credential: { thumbprint: beside }, uses: ["message"] }];
    const forged = { ...evidence, hospitalKeys };
    expect(compareThumbprint(formatThumbprint(beside), forged)).toBe("different");
  });

  it("say nothing before something is typed", () => {
    expect(compareThumbprint(" ", evidence)).toBe("none");
  });
});
