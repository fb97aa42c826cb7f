import { EMERGENCY_HEADER } from "@siphms/api";
import { afterEach, describe, expect, it } from "vitest";
import { currentEmergency, noteEmergency } from "./emergency.ts";

const answer = (header: string | undefined, ok = true) => ({
  headers: new Headers(header === undefined ? {} : { [EMERGENCY_HEADER]: header }),
  ok,
});

afterEach(() => noteEmergency(answer(undefined)));

describe("emergency mode, as answers tell it", () => {
  it("holds from the first answer that says so, also one that refuses, to the first of the hospital itself", () => {
    noteEmergency(answer("200 100", false));
    expect(currentEmergency()).toEqual({ since: 200, copyAsOf: 100 });
    noteEmergency(answer(undefined));
    expect(currentEmergency()).toBeUndefined();
  });

  it("is not ended by an error of something between", () => {
    noteEmergency(answer("200 100"));
    noteEmergency(answer(undefined, false));
    expect(currentEmergency()).toBeDefined();
  });

  it("is the same object as long as nothing else is said", () => {
    noteEmergency(answer("200 100"));
    const before = currentEmergency();
    noteEmergency(answer("200 100"));
    expect(currentEmergency()).toBe(before);
    noteEmergency(answer("200 150"));
    expect(currentEmergency()).toEqual({ since: 200, copyAsOf: 150 });
  });

  it("says nothing of the copy where nothing is known of it, and takes no other text", () => {
    noteEmergency(answer("200 0"));
    expect(currentEmergency()).toEqual({ since: 200 });
    noteEmergency(answer("<b>now</b>"));
    expect(currentEmergency()).toBeUndefined();
  });
});
