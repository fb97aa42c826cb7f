import { describe, expect, it, vi } from "vitest";
import { StepUpStore } from "./step-up-store.ts";

describe("the question for a fresh proof", () => {
  it("is one for all calls that wait, and each gets its answer", async () => {
    const store = new StepUpStore();
    const waiting = Promise.all([store.ask(), store.ask()]);
    expect(store.isAsked()).toBe(true);
    store.answer(true);
    expect(await waiting).toEqual([true, true]);
    expect(store.isAsked()).toBe(false);
  });

  it("is a new one after an answer, which says nothing of the next", async () => {
    const store = new StepUpStore();
    const first = store.ask();
    store.answer(true);
    const second = store.ask();
    store.answer(false);
    expect(await Promise.all([first, second])).toEqual([true, false]);
  });

  it("is no question where nobody asked, and its listeners may go", () => {
    const store = new StepUpStore();
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.answer(true);
    expect(store.isAsked()).toBe(false);
    stop();
    void store.ask();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
