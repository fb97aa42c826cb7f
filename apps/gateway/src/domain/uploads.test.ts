import { describe, expect, it } from "vitest";
import { createUploads } from "./uploads.ts";

const session = (fill: number, hospital = "h") => ({
  hospital,
  sid: new Uint8Array(16).fill(fill),
});

describe("uploads", () => {
  it("are limited for each session of each hospital", () => {
    const uploads = createUploads(2);
    const one = session(1);
    expect([1, 2, 3].map(() => uploads.begin(one))).toEqual([true, true, false]);
    expect([uploads.begin(session(2)), uploads.begin(session(1, "h2"))]).toEqual([true, true]);
  });

  it("make room when they end, and leave nothing behind", () => {
    const uploads = createUploads(1);
    for (let count = 0; count < 5; count += 1) {
      expect([uploads.begin(session(1)), uploads.begin(session(1))]).toEqual([true, false]);
      uploads.end(session(1));
    }
    expect(uploads.size()).toBe(0);
  });

  it("do not go below none", () => {
    const uploads = createUploads(1);
    uploads.end(session(1));
    expect([uploads.begin(session(1)), uploads.begin(session(1))]).toEqual([true, false]);
  });
});
