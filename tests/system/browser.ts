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

/** What a test's Chromium has beside the usual. */
export interface BrowserOptions {
  /** Web Bluetooth, which Chromium on Linux has only when asked. */
  readonly bluetooth?: true;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A file of Motion JPEG: what the camera sees, without a question to the person. */
  readonly cameraFile?: string;
}

/** Starts the Chromium that `npm test` found or installed (`SIPHMS_CHROMIUM`, else Debian's place). */
export async function startBrowser(options: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch(launchOptions(options));
}

/** The same as {@link startBrowser}, with everything kept in a folder: what it holds outlives a kill of the browser. */
export async function startKeptBrowser(
  folder: string,
  options: BrowserOptions & Parameters<typeof chromium.launchPersistentContext>[1] = {},
): Promise<BrowserContext> {
  const { bluetooth, environment, cameraFile, ...context } = options;
  const launch = launchOptions({
    ...(bluetooth === undefined ? {} : { bluetooth }),
    ...(environment === undefined ? {} : { environment }),
    ...(cameraFile === undefined ? {} : { cameraFile }),
  });
  return chromium.launchPersistentContext(folder, { ...context, ...launch });
}

function launchOptions({
  bluetooth,
  environment,
  cameraFile,
}: BrowserOptions): NonNullable<Parameters<typeof chromium.launch>[0]> {
  const camera = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${cameraFile ?? ""}`,
  ];
  return {
    executablePath: process.env["SIPHMS_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: [
      ...FLAGS,
      ...(bluetooth === true ? ["--enable-features=WebBluetooth"] : []),
      ...(cameraFile === undefined ? [] : camera),
    ],
    env: { ...process.env, ...environment },
  };
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
