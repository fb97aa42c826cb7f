import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";

const PAGE = "evidence-verifier.html";

/**
 * Puts script and style into the page itself, and a policy before them that lets in these two and nothing else, no network
 * among it: the page is one file that can be kept and opened anywhere.
 */
function onePage(): Plugin {
  return {
    name: "one-page",
    enforce: "post",
    generateBundle(_options, bundle) {
      let [script, style, html] = ["", "", ""];
      for (const [name, part] of Object.entries(bundle)) {
        if (part.type === "chunk") script += part.code;
        else if (name.endsWith(".css")) style += textOf(part.source);
        else if (name.endsWith(".html")) html += textOf(part.source);
        Reflect.deleteProperty(bundle, name);
      }
      // Within a script's element this text would end it.
      const code = script.replaceAll("</script", "<\\/script");
      const policy = [
        "default-src 'none'",
        `script-src '${hashOf(code)}'`,
        `style-src '${hashOf(style)}'`,
        "base-uri 'none'",
        "form-action 'none'",
      ].join("; ");
      const page = html
        .replaceAll(/<script[^>]*><\/script>|<link[^>]*>/g, "")
        .replace(
          "<head>",
          () => `<head><meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        )
        .replace("</head>", () => `<style>${style}</style></head>`)
        .replace("</body>", () => `<script type="module">${code}</script></body>`);
      this.emitFile({ type: "asset", fileName: PAGE, source: page });
    },
  };
}

function textOf(source: string | Uint8Array): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

export default defineConfig({
  root: "src/verifier",
  plugins: [onePage()],
  resolve: { conditions: ["siphms-source", "module", "browser", "development|production"] },
  build: {
    target: "es2022",
    outDir: "../../dist",
    // The console's own build is there already.
    emptyOutDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: { input: `src/verifier/${PAGE}` },
  },
});
