import {
  choiceSetting,
  explainSettings,
  integerSetting,
  listSetting,
  loadSettings,
  optional,
  portSetting,
  readSettingsFile,
  ServerKitError,
  textSetting,
  yesNoSetting,
} from "@siphms/server-kit";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SPEC = {
  url: textSetting({ variable: "DEMO_URL", explanation: "Where it is." }),
  port: portSetting({ variable: "DEMO_PORT", explanation: "The port." }, 8080),
  level: choiceSetting(
    { variable: "DEMO_LOG", explanation: "How much." },
    ["info", "debug"],
    "info",
  ),
  strict: yesNoSetting({ variable: "DEMO_STRICT", explanation: "Whether." }, "yes"),
  hosts: listSetting({ variable: "DEMO_HOSTS", explanation: "Which." }),
  note: optional(textSetting({ variable: "DEMO_NOTE", explanation: "If any." })),
  password: optional(
    textSetting({ variable: "DEMO_PASSWORD", explanation: "A secret.", secret: true }),
  ),
  size: integerSetting(
    { variable: "DEMO_SIZE", explanation: "How big." },
    { least: 1, most: 10 },
    5,
  ),
};

function load(environment: Record<string, string>, file?: Record<string, string>) {
  return loadSettings(SPEC, { environment, prefix: "DEMO_", ...(file !== undefined && { file }) });
}

function fault(environment: Record<string, string>): string {
  try {
    load(environment);
    return "none";
  } catch (error) {
    if (error instanceof ServerKitError) return `${error.code} ${error.message}`;
    throw error;
  }
}

describe("settings", () => {
  it("take their fallbacks where nothing is set", () => {
    expect(load({ DEMO_URL: "here" })).toEqual({
      url: "here",
      port: 8080,
      level: "info",
      strict: true,
      hosts: [],
      note: undefined,
      password: undefined,
      size: 5,
    });
  });

  it("are read by their kinds", () => {
    const settings = load({
      DEMO_URL: "here",
      DEMO_PORT: "0",
      DEMO_LOG: "debug",
      DEMO_STRICT: "no",
      DEMO_HOSTS: "a, b,,c",
      DEMO_NOTE: "n",
      DEMO_SIZE: "10",
    });
    expect(settings).toEqual({
      url: "here",
      port: 0,
      level: "debug",
      strict: false,
      hosts: ["a", "b", "c"],
      note: "n",
      password: undefined,
      size: 10,
    });
  });

  it("prefer the environment to the file, and the file to the fallback", () => {
    const settings = load({ DEMO_URL: "environment" }, { DEMO_URL: "file", DEMO_SIZE: "7" });
    expect([settings.url, settings.size]).toEqual(["environment", 7]);
  });

  it("take an empty variable for one that is not set", () => {
    expect(load({ DEMO_URL: "x", DEMO_PORT: "" }).port).toBe(8080);
  });

  it.each([
    [{}, "SETTING_INVALID DEMO_URL is not set. Where it is."],
    [{ DEMO_URL: "" }, "SETTING_INVALID DEMO_URL is not set. Where it is."],
    [
      { DEMO_URL: "x", DEMO_PORT: "65536" },
      "SETTING_INVALID DEMO_PORT must be a whole number from 0 to 65535. The port.",
    ],
    [
      { DEMO_URL: "x", DEMO_PORT: "80a" },
      "SETTING_INVALID DEMO_PORT must be a whole number from 0 to 65535. The port.",
    ],
    [
      { DEMO_URL: "x", DEMO_SIZE: "-1" },
      "SETTING_INVALID DEMO_SIZE must be a whole number from 1 to 10. How big.",
    ],
    [
      { DEMO_URL: "x", DEMO_LOG: "loud" },
      "SETTING_INVALID DEMO_LOG must be one of info, debug. How much.",
    ],
    [
      { DEMO_URL: "x", DEMO_STRICT: "true" },
      "SETTING_INVALID DEMO_STRICT must be one of yes, no. Whether.",
    ],
    [
      { DEMO_URL: "x", DEMO_PROT: "1" },
      "SETTING_INVALID DEMO_PROT is not a setting of this program. Correct its name or take it away.",
    ],
  ])("refuse %j with what to do", (environment, message) => {
    expect(fault(environment)).toBe(message);
  });

  it("name everything that is wrong at once", () => {
    expect(fault({ DEMO_PORT: "x", DEMO_SIZE: "x" }).split("\n")).toHaveLength(3);
  });

  it("leave variables of others alone", () => {
    expect(load({ DEMO_URL: "x", OTHER: "y" }).url).toBe("x");
  });

  it("are explained with variable, meaning and fallback", () => {
    expect(explainSettings(SPEC).slice(0, 2)).toEqual([
      { variable: "DEMO_URL", explanation: "Where it is.", fallback: undefined, secret: false },
      { variable: "DEMO_PORT", explanation: "The port.", fallback: "8080", secret: false },
    ]);
  });
});

describe("a settings file", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "siphms-settings-"));
    path = join(folder, "settings");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(text: string, mode = 0o644): void {
    writeFileSync(path, text);
    chmodSync(path, mode);
  }

  function code(): string {
    try {
      readSettingsFile(path, SPEC);
      return "read";
    } catch (error) {
      return error instanceof ServerKitError ? error.code : "other";
    }
  }

  it("is lines of NAME=value with comments", () => {
    write('# comment\nDEMO_URL=here\nDEMO_NOTE="two words"\n');
    expect(readSettingsFile(path, SPEC)).toEqual({ DEMO_URL: "here", DEMO_NOTE: "two words" });
  });

  it("may hold a secret when only its owner reads it", () => {
    write("DEMO_PASSWORD=x\n", 0o600);
    expect(code()).toBe("read");
  });

  it.each([0o644, 0o640, 0o604])("is refused with a secret in mode %o", (mode) => {
    write("DEMO_PASSWORD=hunter2\n", mode);
    expect(code()).toBe("SETTING_FILE");
    expect(() => readSettingsFile(path, SPEC)).not.toThrow(/hunter2/);
  });

  it("is refused when it is not there", () => {
    expect(code()).toBe("SETTING_FILE");
  });
});
