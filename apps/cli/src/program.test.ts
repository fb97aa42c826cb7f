import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCommand } from "@siphms/cli";

let folder: string;
let printed: string[];
let noted: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-cli-"));
  printed = [];
  noted = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function run(...words: readonly string[]): Promise<number> {
  return runCommand(words, {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
}

const COMMANDS = [
  ["up"],
  ["hospital"],
  ["hospital", "init"],
  ["hospital", "registration"],
  ["emergency"],
  ["gateway"],
  ["gateway", "admit"],
  ["gateway", "expel"],
  ["staff", "add"],
  ["staff", "list"],
  ["staff", "disable"],
  ["login"],
  ["logout"],
  ["patient", "add"],
  ["patient", "list"],
  ["patient", "show"],
  ["care", "begin"],
  ["care", "end"],
  ["care", "list"],
  ["invite"],
  ["enrolment", "list"],
  ["enrolment", "confirm"],
  ["device", "enrol"],
  ["device", "send"],
  ["device", "status"],
  ["device", "list"],
  ["device", "revoke"],
  ["device", "notices"],
  ["readings"],
  ["notice"],
  ["keys", "rotate"],
  ["keys", "status"],
  ["keys", "export"],
  ["check"],
  ["backup"],
  ["restore"],
  ["drill"],
  ["audit", "verify"],
  ["audit", "prove"],
  ["audit", "check-proof"],
  ["audit", "export"],
  ["audit", "witness"],
  ["config"],
  ["bench", "crypto"],
  ["bench", "ingest"],
  ["bench", "handshake"],
];

describe("the command line", () => {
  it.each(COMMANDS.map((words) => [words.join(" "), words] as const))(
    "explains `%s` with an example and offers JSON",
    async (name, words) => {
      expect(await run(...words, "--help")).toBe(0);
      const help = printed.join("\n");
      expect(help).toContain("Example:");
      expect(help).toContain(`siphms ${name}`);
      expect(help).toContain("--json");
    },
  );

  it.each([
    ["no command at all", []],
    ["a command that does not exist", ["fly"]],
    ["an option that does not exist", ["patient", "list", "--colour"]],
    ["a missing argument", ["invite"]],
    ["one argument too many", ["check", "all"]],
    ["a patient without a name", ["patient", "add", "--mrn", "1", "--birth-date", "1957-03-21"]],
    ["a date that is none", [...addWith("--birth-date", "21.3.1957")]],
    ["a day that no month has", [...addWith("--birth-date", "1957-04-31")]],
    ["a sex that is none", [...addWith("--birth-date", "1957-03-21"), "--sex", "Q"]],
    ["a role that is none", ["staff", "add", "Iris", "--role", "king"]],
    ["staff without a role", ["staff", "add", "Iris"]],
    ["a code of five digits", ["enrolment", "confirm", "4711", "12345"]],
    ["a code with a letter", ["enrolment", "confirm", "4711", "12345x"]],
    ["a kind that is none", ["readings", "4711", "--kind", "mood"]],
    ["a time that is none", ["readings", "4711", "--from", "yesterday"]],
    ["a port that is none", ["up", "--gateway-port", "65536"]],
    ["port 0", ["up", "--hospital-port", "0"]],
    ["the same port twice", ["up", "--gateway-port", "8090"]],
    ["a speed below 1", ["up", "--demo", "--speed", "0.5"]],
    ["a speed that is none", ["up", "--demo", "--speed", "fast"]],
    ["a speed without the demo", ["up", "--speed", "60"]],
    ["recordings without the demo", ["up", "--recordings", "."]],
    ["a device without its state", ["device", "status"]],
    ["a device that sends nothing", ["device", "send", "--state", "phone"]],
    ["a kid that is none", ["device", "revoke", "short"]],
    ["a device that asks for another patient", ["device", "list", "--state", "x", "--mrn", "1"]],
    ["a rotation that does not say of which key", ["keys", "rotate"]],
    ["an old key that ends too early", ["keys", "rotate", "--identity", "--old-key-days", "89"]],
    ["an old key that never ends", ["keys", "rotate", "--identity", "--old-key-days", "9999"]],
    ["two rotations at once", ["keys", "rotate", "--identity", "--kek"]],
    ["another source for an identity", ["keys", "rotate", "--identity", "--to", "file:kek"]],
    ["an end of an identity's rotation", ["keys", "rotate", "--identity", "--finish"]],
    ["a log with another source", ["keys", "rotate", "--log", "--to", "file:kek"]],
    ["an end with another source", ["keys", "rotate", "--kek", "--finish", "--to", "file:kek"]],
    ["a passphrase of no source", ["keys", "rotate", "--kek", "--to-passphrase-file", "file"]],
    ["a passphrase of no recovery file", ["keys", "export", "--passphrase-file", "file"]],
    ["two notices at once", ["notice", "4711", "--message", "x", "--measure-now"]],
    ["a kind without a measurement", ["notice", "4711", "--message", "x", "--kind", "spo2"]],
    ["an end without a measurement", ["notice", "4711", "--until", "2027-01-01"]],
    ["a device that is told nothing", ["notice", "4711", "--device", "AbCdEfGhIjk"]],
    ["a notice to a kid that is none", ["notice", "4711", "--message", "x", "--device", "short"]],
    ["an index that is none", ["audit", "prove", "first"]],
    ["a proof without whom to believe", ["audit", "check-proof", "proof"]],
    ["an export to nowhere", ["audit", "export"]],
    ["nobody to disable", ["staff", "disable"]],
    ["care of nobody", ["care", "begin", "4711"]],
    ["care until no time", ["care", "begin", "4711", "Dr. Iris", "--until", "tomorrow"]],
  ] as const)("calls it wrong use, with exit code 2: %s", async (_, words) => {
    expect(await run(...words)).toBe(2);
    expect(noted.join("\n")).not.toBe("");
    expect(printed).toEqual([]);
  });

  it.each([
    ["patient", "list"],
    ["invite", "4711"],
    ["enrolment", "list", "--json"],
    ["readings", "4711"],
    ["check"],
    ["device", "list"],
    ["device", "revoke", "AbCdEfGhIjk"],
    ["device", "revoke", "-7bys1v0MqY"],
    ["device", "revoke", "-hello-AbCd", "--json"],
    ["device", "revoke", "--help-AbCd"],
    ["staff", "list"],
    ["staff", "disable", "Iris"],
    ["keys", "status"],
    ["keys", "rotate", "--identity"],
    ["keys", "rotate", "--kek"],
    ["keys", "rotate", "--log"],
    ["keys", "rotate", "--kek", "--finish"],
    ["keys", "export"],
    ["audit", "verify"],
    ["audit", "prove", "0"],
    ["audit", "witness"],
    ["notice", "4711"],
    ["notice", "4711", "--measure-now", "--kind", "spo2"],
  ])("says what to do where no hospital runs: %s %s", async (...words) => {
    expect(await run(...words.filter(Boolean), "--data", folder)).toBe(1);
    expect(noted.join("\n")).toContain("No hospital answers on");
    expect(noted.join("\n")).toContain("siphms up");
    expect(printed).toEqual([]);
  });

  it("shows a device that was never enrolled as new, as JSON on one line", async () => {
    expect(await run("device", "status", "--state", folder, "--json")).toBe(0);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({ state: "new" });
  });

  it("refuses to send for a device that was never enrolled", async () => {
    const csv = path.join(import.meta.dirname, "absent.csv");
    expect(await run("device", "send", "--state", folder, "--csv", csv)).toBe(1);
    expect(noted.join("\n")).toContain("cannot be read");
  });

  it.each([
    ["device", "list"],
    ["device", "revoke", "AbCdEfGhIjk"],
    ["device", "notices"],
  ])("refuses to ask as a device that was never enrolled: %s %s", async (...words) => {
    expect(await run(...words, "--state", folder)).toBe(1);
    expect(noted.join("\n")).toContain("not enrolled");
    expect(printed).toEqual([]);
  });

  it("refuses a link that is no invitation", async () => {
    expect(
      await run("device", "enrol", "http://localhost:8091/enrol#AAAA", "--state", folder),
    ).toBe(1);
    expect(noted.join("\n")).toMatch(/^siphms: /);
  });

  it("names a data folder that cannot be made", async () => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    expect(await run("up", "--data", path.join(file, "inside"))).toBe(1);
    expect(noted.join("\n")).toContain(file);
  });

  it("refuses recordings that are not there before anything is started", async () => {
    const words = ["up", "--smoke", "--data", path.join(folder, "data")];
    expect(await run(...words, "--recordings", path.join(folder, "absent"))).toBe(2);
    expect(noted.join("\n")).toContain("There is no folder");
  });

  it("prints its version", async () => {
    expect(await run("--version")).toBe(0);
    expect(printed).toEqual(["0.1.0"]);
  });
});

function addWith(option: string, value: string): readonly string[] {
  return ["patient", "add", "--mrn", "1", "--name", "Eva Muster", option, value];
}
