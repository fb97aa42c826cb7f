import { readFileSync } from "node:fs";

let version: string | undefined;

/** The release that runs. */
export function readVersion(): string {
  version ??= parseVersion(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return version;
}

function parseVersion(text: string): string {
  const description: unknown = JSON.parse(text);
  const isKnown =
    typeof description === "object" && description !== null && "version" in description;
  return isKnown && typeof description.version === "string" ? description.version : "";
}
