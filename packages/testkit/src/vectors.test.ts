import { ownVectors, publishedVectors } from "@siphms/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("published vectors that are absent", () => {
  it("are skipped, and say which file is missing", () => {
    vi.stubEnv("CI", "");
    const vectors = publishedVectors("nowhere/nothing.json");
    expect(vectors.skip).toBe(true);
    expect(vectors.why).toContain("nowhere/nothing.json");
    expect(vectors.why).toContain("SIPHMS_VECTORS");
    expect(() => vectors.load()).toThrow();
  });

  it("are a failure in CI", () => {
    vi.stubEnv("CI", "true");
    expect(() => publishedVectors("nowhere/nothing.json")).toThrow(/nowhere\/nothing\.json/);
  });
});

describe("our own vectors", () => {
  it("are read from the project", () => {
    const { count, cases } = ownVectors<{ count: number; cases: unknown[] }>("siphms/invalid.json");
    expect(cases.length).toBe(count);
  });

  it("are a failure when absent", () => {
    expect(() => ownVectors("siphms/nothing.json")).toThrow();
  });
});
