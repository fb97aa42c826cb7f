import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** A small workspace under the project's own rules file, with one file that a test writes. */
let workspace: string;

function write(path: string, text: string): void {
  const whole = join(workspace, path);
  mkdirSync(join(whole, ".."), { recursive: true });
  writeFileSync(whole, text);
}

/** Names of the rules that are broken; empty when all hold. */
function brokenRules(): string[] {
  const depcruise = join(PROJECT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [
    depcruise,
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    "packages",
    "apps",
  ];
  let output: string;
  try {
    output = execFileSync(process.execPath, args, {
      cwd: workspace,
      encoding: "utf8",
      maxBuffer: 1e8,
    });
  } catch (error) {
    // It ends with the number of violations as its exit code; what it found is on stdout all the same.
    output = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(output) as {
    summary: { violations: { rule: { name: string } }[] };
  };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}

describe("the import rules fail the build when they are broken", { timeout: 60_000 }, () => {
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "siphms-rules-"));
    for (const file of [
      ".dependency-cruiser.cjs",
      "tsconfig.lint.json",
      "tsconfig.base.json",
      "package.json",
    ]) {
      cpSync(join(PROJECT, file), join(workspace, file));
    }
    mkdirSync(join(workspace, "node_modules/@siphms"), { recursive: true });
    symlinkSync(
      join(PROJECT, "node_modules/typescript"),
      join(workspace, "node_modules/typescript"),
    );
    for (const name of ["relay", "server-kit", "cose", "messages", "vitals"]) {
      write(
        `packages/${name}/src/index.ts`,
        `export const ${name.replace("-", "")} = "${name}";\n`,
      );
      const exports = { ".": { "siphms-source": "./src/index.ts" } };
      write(
        `packages/${name}/package.json`,
        JSON.stringify({ name: `@siphms/${name}`, type: "module", exports }),
      );
      symlinkSync(join(workspace, "packages", name), join(workspace, "node_modules/@siphms", name));
    }
    write(
      "apps/gateway/src/main.ts",
      'import { relay } from "@siphms/relay";\nexport const main = relay;\n',
    );
  });
  afterEach(() => rmSync(workspace, { recursive: true }));

  it("lets the gateway use relay", () => {
    expect(brokenRules()).toEqual([]);
  });

  it("stops a gateway that imports what can open an envelope [HS-312a1]", () => {
    write(
      "apps/gateway/src/spy.ts",
      'import { messages } from "@siphms/messages";\nexport const spy = messages;\n',
    );
    expect(brokenRules()).toContain("gateway-reaches-nothing-that-can-read");
  });

  it("stops a gateway that reaches it through a package that it may use [HS-312a1]", () => {
    write(
      "packages/relay/src/index.ts",
      'import { cose } from "@siphms/cose";\nexport const relay = cose;\n',
    );
    expect(brokenRules()).toEqual(["gateway-reaches-nothing-that-can-read", "package-relay"]);
  });

  it("stops a package that imports an app", () => {
    write(
      "packages/vitals/src/index.ts",
      'export { main as vitals } from "../../../apps/gateway/src/main.ts";\n',
    );
    expect(brokenRules()).toContain("packages-never-import-apps");
  });

  it("stops an app that imports another app", () => {
    write("apps/cli/src/main.ts", 'export { main } from "../../gateway/src/main.ts";\n');
    expect(brokenRules()).toContain("apps-never-import-each-other");
  });

  it("stops an import past a package's index", () => {
    write("packages/cose/src/key.ts", "export const key = 1;\n");
    write(
      "apps/hospital/src/main.ts",
      'export { key } from "../../../packages/cose/src/key.ts";\n',
    );
    expect(brokenRules()).toContain("another-package-only-through-its-index");
  });

  it("stops a cycle", () => {
    write(
      "packages/vitals/src/a.ts",
      'import { b } from "./b.ts";\nexport const a = (): unknown => b;\n',
    );
    write(
      "packages/vitals/src/b.ts",
      'import { a } from "./a.ts";\nexport const b = (): unknown => a;\n',
    );
    expect(brokenRules()).toContain("no-cycles");
  });
});
