import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Bundles `page.ts` for a browser, from the sources, as the app's own build would. */
export async function bundlePage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["siphms-source", "module", "browser", "development|production"] },
    build: {
      write: false,
      target: "es2022",
      lib: { entry: fileURLToPath(new URL("page.ts", import.meta.url)), formats: ["es"] },
    },
  });
  const [only] = Array.isArray(result) ? result : [result];
  const chunk = only !== undefined && "output" in only ? only.output[0] : undefined;
  if (chunk === undefined) throw new Error("the bundle is empty");
  return chunk.code;
}
