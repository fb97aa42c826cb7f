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
  const bundle = Array.isArray(result) ? result[0] : result;
  if (bundle === undefined || !("output" in bundle)) throw new Error("the bundle is empty");
  return bundle.output[0].code;
}
