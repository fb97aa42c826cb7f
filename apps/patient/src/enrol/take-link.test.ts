import { beforeAll, describe, expect, it, vi } from "vitest";
import type { AddressBar } from "./take-link.ts";

let takeLink: (bar: AddressBar) => string | undefined;

beforeAll(async () => {
  // The module takes the address of the page that it is loaded in.
  vi.stubGlobal("location", { href: "https://app.example/", pathname: "/", hash: "" });
  ({ takeLink } = await import("./take-link.ts"));
});

function bar(path: string): AddressBar & { readonly shown: string[] } {
  const { href, pathname, hash } = new URL(path, "https://app.example");
  const shown: string[] = [];
  return { href, pathname, hash, shown, replace: (to) => void shown.push(to) };
}

describe("the address bar", () => {
  it("gives an invitation away once and shows it no longer", () => {
    const address = bar("/enrol#secret");
    expect(takeLink(address)).toBe("https://app.example/enrol#secret");
    expect(address.shown).toEqual(["/"]);
  });

  it.each(["/enrol", "/enrol#", "/#secret", "/index.html#secret"])(
    "holds no invitation at %s, and is cleaned all the same",
    (path) => {
      const address = bar(path);
      expect(takeLink(address)).toBeUndefined();
      expect(address.shown).toEqual(["/"]);
    },
  );

  it("is left alone where there is nothing to hide", () => {
    const address = bar("/");
    expect(takeLink(address)).toBeUndefined();
    expect(address.shown).toEqual([]);
  });
});
