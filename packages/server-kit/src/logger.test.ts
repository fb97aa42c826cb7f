import { createLogger, errorFields, type LogFields, type LogLevel } from "@siphms/server-kit";
import { spawnSync } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { describe, expect, it } from "vitest";

function logged(level: LogLevel, write: (log: ReturnType<typeof createLogger>) => void): unknown[] {
  const lines: string[] = [];
  write(createLogger({ program: "test", level }, { write: (line) => void lines.push(line) }));
  return lines.map((line): unknown => JSON.parse(line));
}

function fieldsOf(fields: unknown): unknown {
  const [line] = logged("info", (log) => {
    log.info("happened", fields as LogFields);
  });
  const own = new Set(["time", "level", "program", "event"]);
  const rest = Object.entries(line as object).filter(([name]) => !own.has(name));
  return Object.fromEntries(rest);
}

describe("a log line", () => {
  it("has level, time, program, event and the fields", () => {
    const [line] = logged("info", (log) => {
      log.warn("uplink closed", { hospital: "city", status: 1001 });
    });
    expect(line).toEqual({
      level: "warn",
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      program: "test",
      event: "uplink closed",
      hospital: "city",
      status: 1001,
    });
  });

  it("is not written below the level", () => {
    const lines = logged("warn", (log) => {
      log.debug("a");
      log.info("b");
      log.warn("c");
      log.error("d");
    });
    expect(lines).toHaveLength(2);
  });

  it.each([
    ["a field that is not in the list", { patient: "p1", body: "x", address: "10.0.0.1" }, {}],
    ["an object", { code: { value: 72 } }, {}],
    ["an array", { code: [72] }, {}],
    ["an inherited field", Object.create({ code: "x" }) as object, {}],
  ])("leaves out %s (SR-59)", (_what, fields, kept) => {
    expect(fieldsOf(fields)).toEqual(kept);
  });

  it.each([
    ["a sentence", "heart rate 72"],
    ["a name", "Ada Lovelace"],
    ["a line break", "a\nb"],
    ["an escape sequence", "\u001b[31m"],
    ["a long text", "a".repeat(129)],
    ["nothing", ""],
  ])("withholds a text that is %s (SR-59)", (_what, text) => {
    expect(fieldsOf({ code: text })).toEqual({ code: "(withheld)" });
  });
});

describe.skipIf(!existsSync("/dev/full"))("a log whose disk is full", () => {
  it("ends no program that writes to it, and throws into nothing", () => {
    const program = `
      const { createLogger } = await import(${JSON.stringify(import.meta.resolve("@siphms/server-kit"))});
      const log = createLogger({ program: "test", level: "info" });
      for (let line = 0; line < 100; line += 1) log.error("nobody can read this");
      setImmediate(() => console.log("went on"));`;
    const flags = ["--conditions=siphms-source", "--import", "tsx", "--input-type=module"];
    const { stdout, status } = spawnSync(process.execPath, [...flags, "-e", program], {
      stdio: ["ignore", "pipe", openSync("/dev/full", "w")],
      encoding: "utf8",
    });
    expect([stdout, status]).toEqual(["went on\n", 0]);
  });
});

describe("the fields of an error", () => {
  it("are its class, its code and where it was thrown, never its message", () => {
    const error = Object.assign(new TypeError("secret 72"), { code: "E_X" });
    const fields = errorFields(error);
    expect(fields).toEqual({
      errorName: "TypeError",
      errorCode: "E_X",
      errorAt: expect.stringMatching(/^logger\.test\.ts:\d+$/) as unknown,
    });
  });

  it("are only the type where no error was thrown", () => {
    expect(errorFields("secret")).toEqual({ errorName: "string" });
    expect(errorFields(undefined)).toEqual({ errorName: "undefined" });
  });

  it("hold no code that is not a text", () => {
    expect(errorFields(Object.assign(new Error("x"), { code: 7 }))).not.toHaveProperty("errorCode");
  });
});
