import { KINDS } from "@siphms/vitals";
import { describe, expect, it } from "vitest";
import {
  KIND_NAMES,
  patientPath,
  PROBLEMS,
  problemType,
  quarantinePath,
  readingsPath,
  summaryPath,
} from "./index.ts";

describe("the API's contract", () => {
  it("names the kinds as vitals does, in the same order", () => {
    expect(KIND_NAMES).toEqual(KINDS.map(({ name }) => name));
  });

  it("gives each problem an error status and a type of its own", () => {
    const statuses = Object.values(PROBLEMS);
    expect(statuses.every((status) => status >= 400 && status < 600)).toBe(true);
    expect(problemType("not-found")).toBe("urn:siphms:problem:not-found");
  });

  it("lets no id leave its place in a path", () => {
    expect(patientPath("../session")).toBe("/api/patients/..%2Fsession");
    expect(quarantinePath("a/b?c#d")).toBe("/api/patients/a%2Fb%3Fc%23d/quarantine");
  });

  it("repeats kinds in a readings query", () => {
    const range = { from: 1, to: 2, kinds: ["spo2", "heart-rate"], limit: 10 };
    expect(readingsPath("p", range)).toBe(
      "/api/patients/p/readings?from=1&to=2&kind=spo2&kind=heart-rate&limit=10",
    );
    expect(readingsPath("p", { from: 1, to: 2 })).toBe("/api/patients/p/readings?from=1&to=2");
  });

  it("names span and kinds in a summary query", () => {
    const range = { from: 1, to: 2, span: "day", kinds: ["spo2"] } as const;
    expect(summaryPath("a/b", range)).toBe(
      "/api/patients/a%2Fb/summary?from=1&to=2&span=day&kind=spo2",
    );
  });
});
