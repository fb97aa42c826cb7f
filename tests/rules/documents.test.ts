import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const TOPS = ["docs", "formal", "packages", "apps", "tests", "vectors", "scripts"];
const SKIPPED = /(?:^|\/)(?:node_modules|dist|coverage)\//;

/** Files below the project's folders whose name fits. */
function filesNamed(name: RegExp): string[] {
  const below = TOPS.flatMap((top) =>
    readdirSync(join(PROJECT, top), { recursive: true, encoding: "utf8" }).map((file) =>
      join(top, file),
    ),
  );
  return [...readdirSync(PROJECT), ...below].filter(
    (file) => name.test(file) && !SKIPPED.test(file) && statSync(join(PROJECT, file)).isFile(),
  );
}

function read(file: string): string {
  return readFileSync(join(PROJECT, file), "utf8");
}

/** What is no example of code. */
function prose(text: string): string {
  return text.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`/g, "");
}

/** Where a page's links lead within the project, as they are written. */
function linksOf(text: string): string[] {
  const targets = [...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^(?:https?|mailto):/.test(target));
}

/** The names by which a page's headings are linked to, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```.*?^```/gms, "").matchAll(/^#+ +(.+)$/gm);
  const plain = [...headings].map(([, heading = ""]) =>
    heading.replace(/\]\([^)]*\)/g, "").toLowerCase(),
  );
  return new Set(
    plain.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")),
  );
}

/** Links of a page that lead nowhere: to no file, or to no heading of one. */
function brokenLinks(page: string): string[] {
  const text = read(page);
  return linksOf(text).filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : relative(PROJECT, join(PROJECT, dirname(page), path));
    if (!existsSync(join(PROJECT, target))) return true;
    return anchor !== undefined && target.endsWith(".md") && !anchorsOf(read(target)).has(anchor);
  });
}

const PAGES = filesNamed(/\.md$/);
const OF_OPERATORS = PAGES.filter(
  (page) => ["SECURITY.md", "docs/hipaa.md"].includes(page) || page.startsWith("docs/operations/"),
);

describe("the project's pages", () => {
  it("are found with their links, so that a broken one can be seen", () => {
    expect(PAGES).toEqual(expect.arrayContaining(["README.md", "docs/hipaa.md"]));
    expect(linksOf("[a](b.md#c) `[x](y)` [z](https://z.example)")).toEqual(["b.md#c"]);
    expect(anchorsOf("# What a *file* proves, and: what?\n")).toContain(
      "what-a-file-proves-and-what",
    );
    expect(PAGES.flatMap((page) => linksOf(read(page))).length).toBeGreaterThan(50);
  });

  it.each(PAGES)("lead nowhere that is not there: %s [HS-316b2ii]", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("can all be come to from the README, those of operators in one step or two [HS-316b2ii]", () => {
    const stepsTo = (from: string): string[] =>
      linksOf(read(from)).map((link) =>
        relative(PROJECT, join(PROJECT, dirname(from), link.split("#")[0] ?? "")),
      );
    const near = stepsTo("README.md").filter((page) => PAGES.includes(page));
    const reached = new Set([...near, ...near.flatMap(stepsTo)]);
    expect(OF_OPERATORS.filter((page) => !reached.has(page))).toEqual([]);
  });
});

describe("the pages of operators", () => {
  const { version } = JSON.parse(read("package.json")) as { readonly version: string };

  it.each(OF_OPERATORS)(
    "say for which version they were gone through: %s [HS-316b2iii]",
    (page) => {
      const said = /^Gone through for version (\S+), \d{4}-\d{2}-\d{2}\.$/m.exec(read(page))?.[1];
      expect(said).toBe(version);
    },
  );

  it("name no setting that there is not [HS-316b2iii]", () => {
    const sources = filesNamed(/\.(?:ts|tsx|mjs|sh)$/)
      .map(read)
      .join("\n");
    const named = PAGES.flatMap((page) => read(page).match(/\bSIPHMS_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []);
    // The gateway's sources name its settings without what they all begin with.
    const inSources = (name: string): boolean =>
      sources.includes(name) || sources.includes(`"${name.replace("SIPHMS_GATEWAY_", "")}"`);
    const unknown = [...new Set(named)].filter((name) => !inSources(name));
    expect(named.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });
});
