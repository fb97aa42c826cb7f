import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OPERATOR_PATHS } from "@siphms/api";
import { runCommand } from "@siphms/cli";

const PASSPHRASE = "otters sleep holding hands";
const [OLD, NEW] = ["0a".repeat(8), "0b".repeat(8)];
const IDENTITY = { kid: "AbCdEfGhIjk", state: "current", created: 0 };
const KEK = { source: "file", current: OLD, opens: true, adopted: false };

let data: string;
let server: http.Server;
let printed: string[];
let noted: string[];
let answers: string[];
let asked: string[];
/** What the hospital answers, by method and path. */
let bodies: Record<string, object>;

beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), "siphms-keys-"));
  await mkdir(path.join(data, "run"));
  [printed, noted, asked, answers] = [[], [], [], [PASSPHRASE, PASSPHRASE]];
  bodies = {
    [`GET ${OPERATOR_PATHS.keys}`]: { identities: [IDENTITY], waitingDevices: 0 },
    [`GET ${OPERATOR_PATHS.publicKeys}`]: {
      identities: [{ ...IDENTITY, credential: "c", thumbprint: "t" }],
      logs: [{ origin: "siphms/city/audit/1", key: "vkey", state: "current", created: 0 }],
    },
    [`GET ${OPERATOR_PATHS.registration}`]: {
      ...{ id: "city", name: "City", appOrigin: "http://localhost:8091" },
      passKey: { kty: "EC", crv: "P-256", x: "x", y: "y" },
    },
    [`POST ${OPERATOR_PATHS.recovery}`]: { file: "siphms recovery 1\n" },
  };
  server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const line = `${request.method ?? ""} ${request.url ?? ""}`;
      asked.push(`${line} ${Buffer.concat(parts).toString("utf8")}`.trim());
      response.end(JSON.stringify(bodies[line]));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(path.join(data, "run", "hospital.sock"), resolve);
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(data, { recursive: true, force: true });
});

const at = (name: string): string => path.join(data, name);
const run = (...words: readonly string[]): Promise<number> =>
  runCommand([...words, "--data", data], {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: {
      ask: (_question, { hidden = false } = {}) =>
        Promise.resolve(hidden ? (answers.shift() ?? "") : "shown"),
    },
    environment: {},
  });

describe("siphms keys status", () => {
  const status = async (kek: object): Promise<string> => {
    bodies[`GET ${OPERATOR_PATHS.kek}`] = { ...KEK, keys: [], ...kek };
    expect(await run("keys", "status")).toBe(0);
    return printed.join("\n");
  };
  const rows = (...fingerprints: readonly string[]) => ({
    keys: fingerprints.map((fingerprint) => ({ fingerprint, created: 0 })),
  });

  it("shows each key, and that the next start finds its own", async () => {
    const text = await status(rows(OLD));
    expect(text).toMatch(/AbCdEfGhIjk +current[^]*siphms\/city\/audit\/1 +current/);
    expect(text).toMatch(new RegExp(`${OLD} +1970-01-01T00:00:00\\.000Z +in use`));
    expect(text).toContain("The next start finds its key: it comes from a file.");
  });

  it.each([
    ["a rotation that is not over", rows(OLD, NEW), "siphms keys rotate --kek --finish"],
    ["a source that gives nothing", { opens: false, fault: "no key (KEK_MISSING)" }, "KEK_MISSING"],
    ["a source that gives another key", { opens: false }, "does not open this database"],
    ["a start with the recovery file", { source: "recovery" }, "siphms keys rotate --kek --to"],
    ["an installation from before", { adopted: true }, "a key-encryption key once"],
  ])("says what is to be done about %s", async (_what, kek, words) => {
    expect(await status(kek)).toContain(words);
  });
});

describe("siphms keys rotate --kek", () => {
  const rotated = { fingerprint: NEW, settings: {}, dropped: [OLD] };

  it("says where the old key lies, and what it is still good for", async () => {
    bodies[`POST ${OPERATOR_PATHS.rotateKek}`] = { ...rotated, retired: "/etc/kek.retired-0a" };
    expect(await run("keys", "rotate", "--kek")).toBe(0);
    expect(asked).toEqual([`POST ${OPERATOR_PATHS.rotateKek} {}`]);
    expect(printed.join("\n")).toMatch(/is now 0b[^]*\/etc\/kek\.retired-0a[^]*new backup/);
  });

  it("names the place as the hospital finds it, wherever that runs, and the settings that follow", async () => {
    bodies[`POST ${OPERATOR_PATHS.rotateKek}`] = {
      ...rotated,
      ...{ dropped: [], settings: { SIPHMS_HOSPITAL_KEK: "file:/etc/kek" } },
    };
    expect(await run("keys", "rotate", "--kek", "--to", "passphrase:kek")).toBe(0);
    expect(asked[0]).toContain(`"passphrase:${path.resolve("kek")}"`);
    expect(printed).toContain("  SIPHMS_HOSPITAL_KEK=file:/etc/kek");
    expect(printed.at(-1)).toContain("siphms keys rotate --kek --finish");
  });

  it("leaves a command's words as they are", async () => {
    bodies[`POST ${OPERATOR_PATHS.rotateKek}`] = { ...rotated, settings: { A: "b" } };
    await run("keys", "rotate", "--kek", "--to", "command:/bin/unwrap key");
    expect(asked[0]).toContain('"command:/bin/unwrap key"');
  });
});

describe("siphms keys export", () => {
  it("prints what is public, as one line of JSON for machines", async () => {
    expect(await run("keys", "export", "--json")).toBe(0);
    expect(printed).toHaveLength(1);
    expect(Object.keys(JSON.parse(printed[0] ?? "") as object)).toEqual([
      ...["id", "name", "identities", "logs", "appOrigin", "passKey"],
    ]);
  });

  it("writes a recovery file that nobody else can read, with a passphrase that was typed twice", async () => {
    expect(await run("keys", "export", "--recovery", at("file"))).toBe(0);
    expect(asked).toEqual([`POST ${OPERATOR_PATHS.recovery} {"passphrase":"${PASSPHRASE}"}`]);
    expect(await readFile(at("file"), "utf8")).toBe("siphms recovery 1\n");
    expect((await stat(at("file"))).mode & 0o777).toBe(0o600);
    expect(printed.join("\n")).not.toContain(PASSPHRASE);
  });

  it("takes the passphrase from a file", async () => {
    await writeFile(at("passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
    const words = ["--recovery", at("file"), "--passphrase-file", at("passphrase")];
    expect(await run("keys", "export", ...words)).toBe(0);
    expect(asked[0]).toContain(`"${PASSPHRASE}"`);
    expect(answers).toHaveLength(2);
  });

  it("does not take one from a file that others can read, or that is not there", async () => {
    await writeFile(at("passphrase"), PASSPHRASE);
    await chmod(at("passphrase"), 0o644);
    for (const name of ["passphrase", "absent"]) {
      const words = ["--recovery", at("file"), "--passphrase-file", at(name)];
      expect(await run("keys", "export", ...words)).toBe(1);
    }
    expect(noted.join("\n")).toMatch(/chmod 600[^]*cannot be read/);
    expect(asked).toEqual([]);
  });

  it.each([
    ["is too short", ["fourteen chars", "fourteen chars"], "at least 15"],
    ["is typed in two ways", [PASSPHRASE, "otters sleep holding paws"], "differ"],
  ])("asks nothing of the hospital where the passphrase %s", async (_what, typed, words) => {
    answers = typed;
    expect(await run("keys", "export", "--recovery", at("file"))).toBe(1);
    expect(noted.join("\n")).toContain(words);
    expect(asked).toEqual([]);
  });

  it("writes over no file, and says so where it cannot write", async () => {
    await writeFile(at("file"), "another installation's");
    expect(await run("keys", "export", "--recovery", at("file"))).toBe(1);
    expect(await readFile(at("file"), "utf8")).toBe("another installation's");
    answers = [PASSPHRASE, PASSPHRASE];
    expect(await run("keys", "export", "--recovery", path.join(at("absent"), "file"))).toBe(1);
    expect(noted.join("\n")).toMatch(/is there already[^]*cannot be written/);
  });
});

describe("siphms check", () => {
  const check = (report: object) => {
    bodies[`GET ${OPERATOR_PATHS.check}`] = { swept: { clock: 2 }, findings: [], ...report };
    return run("check");
  };
  const line = { check: "clock", subject: "database", detail: "6 s apart" };

  it("ends with 0 where there are notes alone, and shows them as such", async () => {
    expect(await check({ ok: true, notes: [line] })).toBe(0);
    expect(printed).toContain("Note: clock: database: 6 s apart");
  });

  it("ends with 1 where there is a fault, for monitoring", async () => {
    expect(await check({ ok: false, findings: [line] })).toBe(1);
    expect(printed).toContain("clock: database: 6 s apart");
    expect(noted.join("\n")).toContain("Found 1 fault");
  });
});
