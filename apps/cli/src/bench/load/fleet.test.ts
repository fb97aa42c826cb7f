import { describe, expect, it } from "vitest";

import type { PlainMessage } from "../plain/plain-tables.ts";
import { preparePlain } from "./fleet.ts";
import type { PreparedRequest } from "./load-run.ts";

function messageOf({ bytes }: PreparedRequest): { readonly head: string; readonly body: string } {
  const [head = "", body = ""] = Buffer.from(bytes).toString().split("\r\n\r\n");
  return { head, body };
}

const BEGIN = Date.UTC(2026, 2, 1);

describe("messages for the plain pipeline", () => {
  const options = { count: 7, patients: 3, begin: BEGIN, port: 8080 };

  it("are whole requests of JSON with 60 samples", () => {
    for (const request of preparePlain("rows", options)) {
      const { head, body } = messageOf(request);
      expect(head).toMatch(/^POST \/readings HTTP\/1.1\r\nhost: 127.0.0.1:8080\r\n/);
      expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
      expect((JSON.parse(body) as PlainMessage).samples).toHaveLength(60);
    }
  });

  it("never hold two values of a patient at one time, which would be stored as one", () => {
    const seen = new Set<string>();
    for (const request of preparePlain("jsonb", options)) {
      const { patient, samples } = JSON.parse(messageOf(request).body) as PlainMessage;
      for (const { at } of samples) seen.add(`${patient} ${at}`);
    }
    expect(seen.size).toBe(7 * 60);
  });

  it("begin where they are told, so that those of two preparations do not meet", () => {
    const [first] = preparePlain("rows", { ...options, begin: BEGIN + 60_000 });
    const { samples } = JSON.parse(
      messageOf(first ?? { bytes: new Uint8Array() }).body,
    ) as PlainMessage;
    expect(samples[0]?.at).toBe(new Date(BEGIN + 60_000).toISOString());
  });

  it("have nothing that could be checked", () => {
    expect(preparePlain("rows", options).every(({ check }) => check === undefined)).toBe(true);
  });
});
