import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadSettings } from "@siphms/server-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadWays } from "./load-ways.ts";
import { NOTIFY_SETTINGS } from "./settings.ts";

const PREFIX = "SIPHMS_HOSPITAL_";
const MAIL = { SMTP_URL: "smtps://siphms@mail.example", SMTP_FROM: "siphms@hospital.example" };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let folder: string;
const files: Record<string, string> = {};

const write = (name: string, text: string, mode = 0o600): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "siphms-ways-"));
  files["password"] = write("password", "pw\n");
  files["open"] = write("open", "pw\n", 0o640);
  files["empty"] = write("empty", "\n");
  files["secret"] = write("secret", `${SECRET}\n`);
  files["two"] = write("two", `${SECRET}\n${SECRET}\n`);
  files["three"] = write("three", `${SECRET}\n${SECRET}\n${SECRET}\n`);
  files["absent"] = path.join(folder, "absent");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const read = (settings: Readonly<Record<string, string>>) =>
  loadSettings(NOTIFY_SETTINGS, {
    environment: Object.fromEntries(
      Object.entries(settings).map(([name, text]) => [PREFIX + name, files[text] ?? text]),
    ),
    prefix: PREFIX,
  });
const load = async (settings: Readonly<Record<string, string>>) =>
  loadWays(read(settings), "https://console.hospital.example");

describe("the ways beside the console", () => {
  it("are none, unless settings name them", async () => {
    expect(await load({})).toEqual({});
  });

  it("are e-mail with a password from a file, and a webhook with one secret or two", async () => {
    const mail = await load({ ...MAIL, SMTP_PASSWORD_FILE: "password" });
    expect(Object.keys(mail)).toEqual(["email"]);
    for (const secret of ["secret", "two"]) {
      const url = "https://pager.example/x?key=1";
      const webhook = await load({ WEBHOOK_URL: url, WEBHOOK_SECRET_FILE: secret });
      expect(webhook).toMatchObject({ webhook: { host: "pager.example" } });
    }
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["e-mail without a sender", { SMTP_URL: "smtp://127.0.0.1:25" }],
    ["a user without a password", MAIL],
    [
      "a password without a user",
      { ...MAIL, SMTP_URL: "smtps://mail.example", SMTP_PASSWORD_FILE: "password" },
    ],
    ["a password that others can read", { ...MAIL, SMTP_PASSWORD_FILE: "open" }],
    ["a password that is not there", { ...MAIL, SMTP_PASSWORD_FILE: "absent" }],
    ["an empty password", { ...MAIL, SMTP_PASSWORD_FILE: "empty" }],
    ["a webhook without a secret", { WEBHOOK_URL: "https://pager.example" }],
    [
      "a secret that is none",
      { WEBHOOK_URL: "https://pager.example", WEBHOOK_SECRET_FILE: "password" },
    ],
    ["three secrets", { WEBHOOK_URL: "https://pager.example", WEBHOOK_SECRET_FILE: "three" }],
  ])("stop the start: %s", async (_name, settings) => {
    await expect(load(settings)).rejects.toMatchObject({ code: "SETTING_INVALID" });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["a mail server by http", { SMTP_URL: "https://mail.example" }],
    ["a mail server without a name", { SMTP_URL: "smtp://" }],
    ["a mail server with a path", { SMTP_URL: "smtp://mail.example/x" }],
    ["a mail server with more to it", { SMTP_URL: "smtp://mail.example?tls=no" }],
    ["two senders", { SMTP_FROM: "a@b.example, c@d.example" }],
    ["a sender with a line break", { SMTP_FROM: "a@b.example\nBcc: c@d.example" }],
    ["a webhook by plain http", { WEBHOOK_URL: "http://pager.example" }],
    ["a webhook at localhost's namesake", { WEBHOOK_URL: "http://localhost.example" }],
    ["a webhook with a password", { WEBHOOK_URL: "https://me:pw@pager.example" }],
    ["a webhook that is no address", { WEBHOOK_URL: "pager" }],
  ])("are not set by: %s", (_name, settings) => {
    expect(() => read(settings)).toThrow(/must/);
  });

  it("are not set with the password in the address, which is not repeated", () => {
    expect(() => read({ SMTP_URL: "smtps://siphms:hunter22@mail.example" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter22") as string }),
    );
  });

  it.each([
    ["smtps://mail.example", { port: 465, isSecure: true, isLoopback: false }],
    ["smtp://mail.example", { port: 587, isSecure: false, isLoopback: false }],
    ["smtp://a%40b@[::1]:2525", { host: "::1", port: 2525, user: "a@b", isLoopback: true }],
  ])("take the address %s", (url, expected) => {
    expect(read({ SMTP_URL: url }).smtpServer).toMatchObject(expected);
  });
});
