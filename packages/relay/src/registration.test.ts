import { hospitalOfLog, parseRegistration } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.suite.ts";

const X = "A".repeat(43);
const LOG_KEY = `siphms/city-hospital/audit/1+0123abcd+${"A".repeat(44)}`;
const GOOD = {
  id: "city-hospital",
  name: "City Hospital",
  passKey: { kty: "EC", crv: "P-256", x: X, y: X },
  appOrigin: "https://app.city.example",
};

describe("a registration", () => {
  it("is read as it was written", () => {
    expect(parseRegistration(JSON.stringify(GOOD))).toEqual(GOOD);
  });

  it("may name the keys of the hospital's audit log", () => {
    const logKeys = [LOG_KEY, LOG_KEY.replace("/1+", "/2+")];
    expect(parseRegistration(JSON.stringify({ ...GOOD, logKeys }))).toEqual({ ...GOOD, logKeys });
  });

  it.each<[string, string, string | undefined]>([
    ["of a hospital", "siphms/city-hospital/audit/12", "city-hospital"],
    ["numbered from 0", "siphms/city-hospital/audit/0", undefined],
    ["without a number", "siphms/city-hospital/audit", undefined],
    ["of something else", "example.org/log", undefined],
    ["with a path in its id", "siphms/a/b/audit/1", undefined],
  ])("knows whose log an origin %s is", (_what, origin, hospital) => {
    expect(hospitalOfLog(origin)).toBe(hospital);
  });

  it.each<[string, unknown]>([
    ["log keys that are a text", { ...GOOD, logKeys: LOG_KEY }],
    ["an empty list of log keys", { ...GOOD, logKeys: [] }],
    ["seventeen log keys", { ...GOOD, logKeys: Array(17).fill(LOG_KEY) }],
    ["a log key that is no text", { ...GOOD, logKeys: [7] }],
    ["a log key of another hospital", { ...GOOD, logKeys: [LOG_KEY.replace("city", "other")] }],
    ["a log key of another form", { ...GOOD, logKeys: ["siphms/city-hospital/audit/1"] }],
    ["a log key with a line break", { ...GOOD, logKeys: [`${LOG_KEY}\n`] }],
    ["no object", [GOOD]],
    ["null", null],
    ["a member more", { ...GOOD, extra: 1 }],
    ["no id", { ...GOOD, id: undefined }],
    ["an id with capitals", { ...GOOD, id: "City" }],
    ["an empty id", { ...GOOD, id: "" }],
    ["an id of 64 characters", { ...GOOD, id: "a".repeat(64) }],
    ["an id that is a path", { ...GOOD, id: "../x" }],
    ["an id that is no text", { ...GOOD, id: 7 }],
    ["an empty name", { ...GOOD, name: "" }],
    ["a name of 201 characters", { ...GOOD, name: "a".repeat(201) }],
    ["a name with a line break", { ...GOOD, name: "a\nb" }],
    ["a name with an escape character", { ...GOOD, name: "a\u001b[31m" }],
    ["an app origin with a path", { ...GOOD, appOrigin: "https://app.city.example/" }],
    ["a plain http app origin", { ...GOOD, appOrigin: "http://app.city.example" }],
    ["any origin", { ...GOOD, appOrigin: "*" }],
    ["a null origin", { ...GOOD, appOrigin: "null" }],
    ["a key that is a text", { ...GOOD, passKey: "key" }],
    ["another curve", { ...GOOD, passKey: { ...GOOD.passKey, crv: "P-384" } }],
    ["another kind of key", { ...GOOD, passKey: { ...GOOD.passKey, kty: "OKP" } }],
    ["a key without y", { ...GOOD, passKey: { ...GOOD.passKey, y: undefined } }],
    ["a short coordinate", { ...GOOD, passKey: { ...GOOD.passKey, x: "AAAA" } }],
    [
      "a coordinate in another alphabet",
      { ...GOOD, passKey: { ...GOOD.passKey, x: `+${X.slice(1)}` } },
    ],
    ["a private key", { ...GOOD, passKey: { ...GOOD.passKey, d: X } }],
  ])("is refused with %s", (_what, value) => {
    expect(refusal(() => parseRegistration(JSON.stringify(value)))).toBe("REGISTRATION_INVALID");
  });

  it("is refused when it is no JSON, without quoting it", () => {
    const read = (): unknown => parseRegistration('{"id": secret');
    expect(refusal(read)).toBe("REGISTRATION_INVALID");
    expect(read).not.toThrow(/secret/);
  });
});
