import { describe, expect, it } from "vitest";
import { keyAct, type KeyPlace } from "./list-keys.ts";

const PAGE: KeyPlace = { inList: false, inField: false, inDialog: false };
const LIST = { ...PAGE, inList: true };
const FIELD = { ...PAGE, inField: true };

function press(key: string, place = PAGE, singleKeys = true) {
  return keyAct({ key, altKey: false, ctrlKey: false, metaKey: false }, place, singleKeys);
}

describe("the worklist's keys", () => {
  it("are letters and signs anywhere on the page", () => {
    expect(["j", "k", "/", "?"].map((key) => press(key))).toEqual(["down", "up", "search", "help"]);
  });

  it("are arrows in the list alone: elsewhere they scroll", () => {
    expect(press("ArrowDown", LIST)).toBe("down");
    expect(press("ArrowUp", LIST)).toBe("up");
    expect(press("Home", LIST)).toBe("first");
    expect(press("ArrowDown")).toBeUndefined();
    expect(press("End")).toBeUndefined();
  });

  it("are text in a field, but for the way from the search to the list", () => {
    expect(press("j", FIELD)).toBeUndefined();
    expect(press("/", FIELD)).toBeUndefined();
    expect(press("ArrowDown", FIELD)).toBe("first");
  });

  it("can be switched off where they are letters or signs", () => {
    expect(press("j", LIST, false)).toBeUndefined();
    expect(press("?", PAGE, false)).toBeUndefined();
    expect(press("ArrowDown", LIST, false)).toBe("down");
  });

  it("do nothing in a dialog, nor together with another key, nor where they mean nothing", () => {
    expect(press("j", { ...LIST, inDialog: true })).toBeUndefined();
    const control = { key: "k", altKey: false, ctrlKey: true, metaKey: false };
    expect(keyAct(control, LIST, true)).toBeUndefined();
    expect(press("x", LIST)).toBeUndefined();
  });
});
