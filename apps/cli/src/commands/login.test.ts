import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OPERATOR_PATHS, problemType } from "@siphms/api";
import { runCommand } from "@siphms/cli";

import { endOf } from "./login.ts";

const SESSION = {
  ...{ token: "T".repeat(43), name: "Dr. One", role: "doctor" },
  ...{ expires: 900_000, idleEnds: 900_000 },
};
const REFUSED = {
  ...{ type: problemType("log-in-refused"), title: "no", status: 401 },
  detail: "Name, password or code are not right.",
};

let data: string;
let server: http.Server;
let printed: string[];
let noted: string[];
let questions: { readonly question: string; readonly hidden: boolean }[];
let answers: string[];
/** Method, path, authorization and body of each request. */
let asked: { readonly line: string; readonly authorization: string; readonly body: string }[];
let refuse: boolean;

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const line = `${request.method ?? ""} ${request.url ?? ""}`;
  const { authorization = "" } = request.headers;
  asked.push({ line, authorization, body: Buffer.concat(parts).toString("utf8") });
  if (refuse) {
    response.statusCode = 401;
    response.end(JSON.stringify(REFUSED));
    return;
  }
  const bodies: Readonly<Record<string, object>> = {
    [`POST ${OPERATOR_PATHS.logInPassword}`]: SESSION,
    [`POST ${OPERATOR_PATHS.logInKeyRequest}`]: { challenge: "c" },
    [`POST ${OPERATOR_PATHS.logInKey}`]: { ...SESSION, name: "Import", role: "integration" },
    [`GET ${OPERATOR_PATHS.registration}`]: {
      ...{ id: "city", name: "City", appOrigin: "http://localhost:8091" },
      passKey: { kty: "EC", crv: "P-256", x: "x", y: "y" },
    },
    [`POST ${OPERATOR_PATHS.integrations}`]: {
      ...{ name: "Import", role: "integration", state: "active" },
    },
    [`GET ${OPERATOR_PATHS.patients}`]: { patients: [] },
  };
  const body = bodies[line];
  response.statusCode = body === undefined ? 204 : 200;
  response.end(body === undefined ? "" : JSON.stringify(body));
}

beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), "siphms-login-"));
  await mkdir(path.join(data, "run"));
  [printed, noted, questions, asked, refuse] = [[], [], [], [], false];
  answers = ["Dr. One ", "otters sleep holding hands", " 123456"];
  server = http.createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(path.join(data, "run", "hospital.sock"), resolve);
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(data, { recursive: true, force: true });
});

const run = (...words: readonly string[]): Promise<number> =>
  runCommand([...words, "--data", data], {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: {
      ask: (question, { hidden = false } = {}) => {
        questions.push({ question, hidden });
        return Promise.resolve(answers[questions.length - 1] ?? "");
      },
    },
    environment: {},
  });

const file = () => path.join(data, "run", "login");
const lines = () => asked.map(({ line }) => line);

describe("siphms login", () => {
  it("asks for all three, shows neither password nor code, and sends them together (SR-01, SR-09)", async () => {
    expect(await run("login")).toBe(0);
    expect(questions.map(({ hidden }) => hidden)).toEqual([false, true, true]);
    expect(lines()).toEqual([`POST ${OPERATOR_PATHS.logInPassword}`]);
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      ...{ name: "Dr. One", password: "otters sleep holding hands", code: "123456" },
    });
  });

  it.each([
    ["ABCD EFGH 2345 WXYZ", "abcd-efgh-2345-wxyz"],
    ["abcdefgh2345wxyz", "abcd-efgh-2345-wxyz"],
    ["١٢٣ ٤٥٦", "123456"],
  ])("takes the code %j as the console does", async (typed, sent) => {
    answers[2] = typed;
    expect(await run("login")).toBe(0);
    expect(JSON.parse(asked[0]?.body ?? "")).toMatchObject({ code: sent });
  });

  it("keeps the session where only this user can read it, and prints nothing of it", async () => {
    await run("login", "--json");
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file(), "utf8"))).toEqual(SESSION);
    expect([...printed, ...noted].join("\n")).not.toContain(SESSION.token);
    expect(JSON.parse(printed[0] ?? "")).toEqual({
      ...{ name: "Dr. One", role: "doctor", expires: SESSION.expires },
    });
  });

  it("is carried by the commands that follow, and ends with siphms logout, here and there", async () => {
    await run("login");
    await run("patient", "list");
    expect(asked.at(-1)).toMatchObject({ authorization: `Bearer ${SESSION.token}` });
    expect(await run("logout")).toBe(0);
    expect(asked.at(-1)).toMatchObject({
      line: `DELETE ${OPERATOR_PATHS.session}`,
      authorization: `Bearer ${SESSION.token}`,
    });
    await expect(stat(file())).rejects.toThrow("ENOENT");
    await run("patient", "list");
    expect(asked.at(-1)?.authorization).toBe("");
  });

  it("again ends the session before", async () => {
    await run("login");
    questions = [];
    await run("login");
    expect(asked.at(-1)?.authorization).toBe(`Bearer ${SESSION.token}`);
  });

  it("that is refused keeps nothing, and says what the hospital said", async () => {
    refuse = true;
    expect(await run("login")).toBe(1);
    expect(noted.join("\n")).toContain(REFUSED.detail);
    await expect(stat(file())).rejects.toThrow("ENOENT");
  });

  it("with a key asks nobody", async () => {
    const key = path.join(data, "import.key");
    expect(await run("staff", "add", "Import", "--role", "integration", "--key", key)).toBe(0);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect(await run("login", "--key", key)).toBe(0);
    expect(questions).toEqual([]);
    expect(JSON.parse(await readFile(file(), "utf8"))).toMatchObject({ role: "integration" });
    // Again, it ends the session before.
    expect(await run("login", "--key", key)).toBe(0);
    expect(asked.at(-1)).toMatchObject({
      line: `POST ${OPERATOR_PATHS.logInKey}`,
      authorization: `Bearer ${SESSION.token}`,
    });
  });
});

describe("how long a login is good, in words", () => {
  const until = new Date(900_000).toLocaleTimeString();

  it("names the end alone where being idle does not end it sooner", () => {
    expect(endOf({ expires: 900_000, idleEnds: 900_000 }, 0)).toBe(`until ${until}`);
  });

  it("names the shorter time without a command too (SR-17)", () => {
    expect(endOf({ expires: 900_000, idleEnds: 300_000 }, 0)).toBe(
      `until ${until}, or until 5 minutes pass without a command`,
    );
  });
});

describe("siphms staff add for a machine", () => {
  const add = (...more: readonly string[]) =>
    run("staff", "add", "Import", "--role", "integration", ...more);

  it("sends the public half alone", async () => {
    await add("--key", path.join(data, "import.key"));
    const sent = JSON.parse(asked.at(-1)?.body ?? "") as { key: object };
    expect(Object.keys(sent.key).sort()).toEqual(["crv", "kty", "x", "y"]);
  });

  it("leaves no key behind where the hospital refuses", async () => {
    const key = path.join(data, "import.key");
    refuse = true;
    expect(await add("--key", key)).toBe(1);
    await expect(stat(key)).rejects.toThrow("ENOENT");
  });

  it("asks the hospital for nothing where the file is there already", async () => {
    const key = path.join(data, "import.key");
    await add("--key", key);
    asked = [];
    expect(await add("--key", key)).toBe(1);
    expect(lines()).not.toContain(`POST ${OPERATOR_PATHS.integrations}`);
  });

  it.each([
    ["a machine without a key file", ["--role", "integration"]],
    ["a person with one", ["--role", "doctor", "--key", "x"]],
  ])("is wrong use for %s", async (_what, words) => {
    expect(await run("staff", "add", "Somebody", ...words)).toBe(2);
    expect(asked).toEqual([]);
  });
});
