import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["siphms-source", "module", "browser", "development|production"] },
  // The hospital puts a fresh nonce in the place of this word each time it serves the page.
  html: { cspNonce: "SIPHMS-CSP-NONCE" },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
});
