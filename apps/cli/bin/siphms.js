#!/usr/bin/env node
import { existsSync } from "node:fs";

const built = new URL("../dist/main.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write(
    "siphms: it is not built yet. Run `npm install` and `npm run build` in the project's folder first.\n",
  );
  process.exitCode = 1;
}
