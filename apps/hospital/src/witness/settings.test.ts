import { createVerifierKey, encodeVerifierKey } from "@siphms/tlog";
import { describe, expect, it } from "vitest";
import { WITNESS_SETTINGS } from "./settings.ts";

const { parse } = WITNESS_SETTINGS.witnesses;
const keyOf = (name: string, kind: "cosignature" | "ed25519" = "cosignature"): string =>
  encodeVerifierKey(createVerifierKey(kind, name, new Uint8Array(32).fill(name.length)));

const URL_A = "https://gateway.example.org/witness";
const A = `${URL_A} ${keyOf("gateway.example.org")}`;
const B = `http://127.0.0.1:8080/witness ${keyOf("127.0.0.1:8080")}`;

describe("the setting of the audit log's witnesses", () => {
  it("names none by default", () => {
    expect(parse("")).toEqual([]);
  });

  it("is pairs of an address and a key, whose names they have", () => {
    expect(parse(` ${A} ,${B},`).map(({ name, url }) => [name, url])).toEqual([
      ["gateway.example.org", URL_A],
      ["127.0.0.1:8080", "http://127.0.0.1:8080/witness"],
    ]);
  });

  it.each([
    ["an address without a key", URL_A],
    ["a key without an address", keyOf("x")],
    ["three words", `${A} more`],
    ["plain http on a network", `http://gateway.example.org/witness ${keyOf("x")}`],
    ["another scheme", `file:///witness ${keyOf("x")}`],
    ["a user in the address", `https://me@gateway.example.org/witness ${keyOf("x")}`],
    ["a query in the address", `${URL_A}?a=b ${keyOf("x")}`],
    ["a slash at the end", `${URL_A}/ ${keyOf("x")}`],
    ["the key of a log", `${URL_A} ${keyOf("x", "ed25519")}`],
    ["a key with another id", `${URL_A} ${keyOf("x").replace(/\+.{8}\+/, "+00000000+")}`],
    ["one witness twice", `${A},${A}`],
    [
      "nine witnesses",
      Array.from({ length: 9 }, (_, at) => `${URL_A} ${keyOf(`n${"i".repeat(at)}`)}`).join(","),
    ],
  ])("refuses %s", (_what, text) => {
    expect(() => parse(text)).toThrow();
  });
});
