import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OPERATOR_PATHS, OPERATOR_SOCKET, type MergeReport } from "@siphms/api";
import { runCommand } from "@siphms/cli";

const NAME = "0123456789abcdef.entries";

let folder: string;
let data: string;
let hospital: Server;
let answer: MergeReport;
let asked: string[];
let printed: string[];
let noted: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-merge-"));
  data = path.join(folder, "data");
  await mkdir(path.join(data, "run"), { recursive: true });
  [answer, asked, printed, noted] = [{ files: [] }, [], [], []];
  hospital = createServer((request, response) => {
    asked.push(`${String(request.method)} ${String(request.url)}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  }).listen(path.join(data, "run", OPERATOR_SOCKET));
  await once(hospital, "listening");
});

afterEach(async () => {
  hospital.close();
  hospital.closeAllConnections();
  await rm(folder, { recursive: true });
});

const merge = (...words: readonly string[]): Promise<number> =>
  runCommand(["audit", "merge", ...words, "--data", data], {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });

/** A file on another machine. */
const outside = async (content: string, name = NAME): Promise<string> => {
  const place = path.join(folder, name);
  await writeFile(place, content);
  return place;
};

const brought = (): string => path.join(data, "emergency", NAME);

describe("siphms audit merge", () => {
  it("copies files of another machine to where the hospital looks, for nobody else to read, and has it take them", async () => {
    answer = {
      files: [{ file: NAME, kind: "merged", entries: 7, added: 5, tornBytes: 12 }],
    };
    expect(await merge(await outside("abc"))).toBe(0);
    expect(await readFile(brought(), "utf8")).toBe("abc");
    expect((await stat(brought())).mode & 0o777).toBe(0o600);
    expect(asked).toEqual([`POST ${OPERATOR_PATHS.mergeEntries}`]);
    expect(printed.join("\n")).toMatch(/0123456789abcdef\.entries +7 +5 +12/);
  });

  it("says where nothing is to be taken, and prints JSON for machines", async () => {
    expect(await merge()).toBe(0);
    expect(printed.join()).toContain("nothing to take");
    expect(await merge("--json")).toBe(0);
    expect(printed.at(-1)).toBe('{"files":[]}');
  });

  it("brings a file that is cut to nothing too, for the hospital to note", async () => {
    await merge(await outside(""));
    expect(await readFile(brought(), "utf8")).toBe("");
  });

  it("takes the longer of two copies of one file, whichever comes first", async () => {
    await merge(await outside("abc"));
    await merge(await outside("abcdef"));
    expect(await readFile(brought(), "utf8")).toBe("abcdef");
    await merge(await outside("ab"));
    expect(await readFile(brought(), "utf8")).toBe("abcdef");
  });

  it("touches neither of two files of one name that say something else, and asks nobody", async () => {
    await merge(await outside("abc"));
    expect(await merge(await outside("abX"))).toBe(1);
    expect(await readFile(brought(), "utf8")).toBe("abc");
    expect(noted.join()).toContain("Keep both files");
    expect(asked).toHaveLength(1);
  });

  it("ends with 1 where a file is refused, and says what to do", async () => {
    answer = {
      files: [{ file: NAME, kind: "refused", entries: 4, added: 3, refusedBytes: 77 }],
    };
    expect(await merge()).toBe(1);
    expect(printed.join("\n")).toMatch(/0123456789abcdef\.entries +4 +3 +77/);
    expect(noted.join()).toContain("find out who could write to them");
  });

  it.each([
    ["a name that no file of entries has", "notes.txt", 2, "has not the name"],
    ["a file that is not there", "fedcba9876543210.entries", 1, "Cannot read"],
  ])("refuses %s", async (_, name, code, words) => {
    expect(await merge(path.join(folder, name))).toBe(code);
    expect(noted.join()).toContain(words);
    expect(asked).toEqual([]);
  });
});
