import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeEvidence, type EvidenceFile } from "@siphms/evidence";
import { makeEvidence } from "../../packages/evidence/src/testing/made-evidence.ts";
import { SIZES, startBrowser, watchedContext } from "../system/browser.ts";
import { seriousFindings } from "../system/looks.ts";

const SHOTS =
  process.env["SIPHMS_SCREENSHOTS"] ?? join(tmpdir(), `siphms-screenshots-${userInfo().uid}`);
/** As it is built, without a server: it is kept on a disk and opened from there. */
const CONSOLE =
  process.env["SIPHMS_CONSOLE_DIR"] ?? join(import.meta.dirname, "../../apps/console/dist");
const PAGE = pathToFileURL(join(CONSOLE, "evidence-verifier.html")).href;

describe("the verifier page, opened from a disk in real Chromium", () => {
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];
  let requests: string[];
  let page: Page;
  let folder: string;
  let file: EvidenceFile;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "siphms-evidence-"));
    mkdirSync(SHOTS, { recursive: true });
    browser = await startBrowser();
    ({ context, complaints } = await watchedContext(browser));
    page = await context.newPage();
    requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(PAGE);
    const decision = { kind: "released", at: Date.UTC(2026, 0, 6), by: "Dr. Invented" } as const;
    const { parts } = await makeEvidence({
      outcome: 1,
      quarantined: [[0, 2, "out-of-range"]],
      decisions: [{ ...decision, reason: "out-of-range", why: "Seen on the ward's monitor" }],
    });
    file = encodeEvidence(parts);
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const open = async (content: string) => {
    const path = join(folder, "reading.siphms-evidence.json");
    writeFileSync(path, content);
    // So that what is waited for below is this file's.
    await page.evaluate(() => {
      document.querySelector(".verdict")?.remove();
    });
    await page.locator("#evidence-file").setInputFiles(path);
    await page.locator(".verdict").waitFor();
    return page.locator("main").innerText();
  };
  const openFile = (value: object) => open(JSON.stringify(value));

  /** Changes one character in the middle of a text of base64url, which stands for six bits. */
  const altered = (text: string): string => {
    const at = Math.floor(text.length / 2);
    return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
  };

  it("says what it needs before there is a file, in both languages", async () => {
    expect(await page.locator("main").innerText()).toContain("works without a network");
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "العربية" }).click();
    expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "English" }).click();
  });

  it("verifies a file that nobody has changed and shows its readings", async () => {
    const text = await openFile(file);
    expect(text).toContain("Genuine: every check passed");
    for (const shown of [
      "72 /min",
      "122/78 (93) mmHg",
      "Ada Invented",
      "TEST-1",
      "Test Hospital",
    ]) {
      expect(text).toContain(shown);
    }
    expect(text).toContain("released from quarantine (outside the possible range)");
    expect(text).toContain("Seen on the ward's monitor");
    expect(await page.locator(".checks .ok").count()).toBe(9);
  });

  it("looks right on a phone and on a desk, in both languages and both themes", async () => {
    await openFile(file);
    for (const language of ["en", "ar"] as const) {
      await page.emulateMedia({ colorScheme: language === "ar" ? "dark" : "light" });
      for (const size of ["phone", "desktop"] as const) {
        await page.setViewportSize(SIZES[size]);
        await page.screenshot({
          path: join(SHOTS, `evidence-verifier-${language}-${size}.png`),
          fullPage: true,
        });
        const isWide = await page.evaluate(
          () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
        );
        expect([language, size, isWide]).toEqual([language, size, false]);
      }
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole("button", { name: /العربية|English/ }).click();
    }
  });

  it("compares a fingerprint that the hospital told", async () => {
    await openFile(file);
    const shown = await page.locator("section code").last().innerText();
    const input = page.getByLabel("Fingerprint from the hospital");
    await input.fill(shown.toUpperCase());
    await page.getByText("The same: this is that hospital's key.").waitFor();
    await input.fill(shown.replace(/^./, (digit) => (digit === "0" ? "1" : "0")));
    await page.getByText("Not the same. Do not rely on this file.").waitFor();
  });

  it.each(["device", "message", "receipt", "statement"] as const)(
    "refuses a file of which the %s was changed, and shows nothing of it [HS-312c2]",
    async (part) => {
      const text = await openFile({ ...file, [part]: altered(file[part]) });
      expect(text).toContain("Refused");
      expect(text).not.toContain("Genuine");
      expect(text).not.toContain("Ada Invented");
      expect(text).not.toContain("72 /min");
    },
  );

  it("refuses a file of which the hospital's key was changed", async () => {
    const text = await openFile({ ...file, hospital: file.hospital.map(altered) });
    expect(text).toContain("Refused");
  });

  it("says which signature does not fit, and what that means", async () => {
    const other = encodeEvidence((await makeEvidence()).parts);
    expect(await openFile({ ...file, message: other.message })).toContain(
      "The phone's signature does not fit",
    );
    expect(await openFile({ ...file, statement: other.statement })).toContain(
      "The hospital's signature on its statement does not fit",
    );
    await page.screenshot({ path: join(SHOTS, "evidence-verifier-refused.png"), fullPage: true });
  });

  it.each([
    ["is something else", "hello"],
    ["would be markup", '{"format":"<img src=x onerror=alert(1)>"}'],
    ["is empty", ""],
  ])("refuses a file that %s", async (_what, content) => {
    expect(await open(content)).toContain("This is no evidence file");
  });

  it("asks for nothing but itself, and its own policy would let nothing else through", async () => {
    expect(requests).toEqual([PAGE]);
    await expect(
      page.evaluate(() => fetch("http://localhost:9/").then(() => "fetched")),
    ).rejects.toThrow(/Content Security Policy|Failed to fetch/);
    const refused = complaints.filter((text) => !text.includes("http://localhost:9/"));
    expect(refused).toEqual([]);
    expect(complaints.some((text) => text.includes("Content Security Policy"))).toBe(true);
  });
});
