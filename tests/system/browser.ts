import { chromium, type Browser, type BrowserContext } from "playwright-core";

/** What keeps a headless Chromium quiet, and off the network, in a test. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Sizes at which every screen is looked at. */
export const SIZES = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 768, height: 1024 },
  phone: { width: 360, height: 780 },
} as const;

/** Starts the Chromium that `npm test` found or installed (`SIPHMS_CHROMIUM`, else Debian's place). */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env["SIPHMS_CHROMIUM"] ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** A context whose pages report every console error and every request that leaves this machine. */
export async function watchedContext(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: SIZES.desktop,
    locale: "en-GB",
    ...options,
  });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && !["localhost", "127.0.0.1"].includes(hostname)) {
      complaints.push(`request to ${request.url()}`);
    }
  });
  return { context, complaints };
}
