import type { AlertStand } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { anAlert } from "../views/alerts/alert-example.ts";
import { StandBook } from "./stand-book.ts";

const stand = (...ids: readonly string[]): AlertStand => ({
  open: ids.map((id) => anAlert({ id })),
  news2: null,
});
const idsOf = (book: StandBook) => book.open().map(({ id }) => id);

describe("the stands of alerts", () => {
  it("are those of the list, and then those that the stream tells", () => {
    const book = new StandBook();
    book.replaceAll({ ada: stand("1"), ben: stand() }, book.turn);
    expect(idsOf(book)).toEqual(["1"]);
    book.set("ben", stand("2"));
    book.set("ada", stand());
    expect(idsOf(book)).toEqual(["2"]);
    expect(book.get("ada")?.open).toEqual([]);
  });

  it("are the very same list until one has changed", () => {
    const book = new StandBook();
    book.set("ada", stand("1"));
    expect(book.open()).toBe(book.open());
    const before = book.open();
    expect(book.set("ada", { ...stand("1"), news2: null })).toBe(false);
    expect(book.open()).toBe(before);
    expect(book.set("ada", stand("1", "2"))).toBe(true);
    expect(book.open()).not.toBe(before);
  });

  it("are not covered by a list that was asked for before the stream told newer ones", () => {
    const book = new StandBook();
    const asked = book.turn;
    book.set("ada", stand("2"));
    book.replaceAll({ ada: stand("1") }, asked);
    expect(idsOf(book)).toEqual(["2"]);
    book.replaceAll({ ada: stand("3") }, book.turn);
    expect(idsOf(book)).toEqual(["3"]);
  });

  it("are the very same where a list says what is known already", () => {
    const book = new StandBook();
    book.replaceAll({ ada: stand("1"), ben: stand() }, book.turn);
    const before = book.open();
    expect(book.replaceAll({ ada: stand("1"), ben: stand() }, book.turn).size).toBe(0);
    expect(book.open()).toBe(before);
    expect([...book.replaceAll({ ada: stand("1"), ben: stand("2") }, book.turn)]).toEqual(["ben"]);
    expect(idsOf(book)).toEqual(["1", "2"]);
  });

  it("stay of a patient whom only the stream knows yet, and go with one who is out of sight", () => {
    const book = new StandBook();
    book.replaceAll({ ada: stand("1") }, book.turn);
    const asked = book.turn;
    book.set("new", stand("2"));
    expect([...book.replaceAll({}, asked)]).toEqual(["ada"]);
    expect(idsOf(book)).toEqual(["2"]);
    book.replaceAll({}, book.turn);
    expect(idsOf(book)).toEqual([]);
    expect(book.get("new")).toBeUndefined();
  });
});
