import { PrecacheController, type PrecacheEntry } from "workbox-precaching";
import { TAKE_OVER } from "./app/update.ts";

/**
 * The part of a service worker's global scope that is used; its library cannot stand beside the DOM's in one program.
 */
interface WorkerScope {
  readonly __WB_MANIFEST: readonly PrecacheEntry[];
  readonly location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
}
interface WorkerEvent extends Event {
  readonly request: Request;
  readonly data: unknown;
  respondWith(response: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

declare const self: WorkerScope;

/** The addresses of the app; all of them are its one page. */
const PAGES = new Set(["/", "/enrol", "/index.html"]);
const INDEX = "/index.html";

/**
 * The app's own files and nothing else: no answer of any server is ever stored here. The page comes with its policy, which
 * the browser keeps beside it; the hospital writes in the place of the revision what page and policy are, so that a change
 * of either is a new version.
 */
const precache = new PrecacheController();
precache.addToCacheList([...self.__WB_MANIFEST, { url: INDEX, revision: "SIPHMS-PAGE-REVISION" }]);

self.addEventListener("install", (event) => void precache.install(event));
self.addEventListener("activate", (event) => void precache.activate(event));
self.addEventListener("message", ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  const file = request.mode === "navigate" && PAGES.has(pathname) ? INDEX : pathname;
  if (precache.getCacheKeyForURL(file) === undefined) return;
  event.respondWith(stored(file, request));
});

async function stored(file: string, request: Request): Promise<Response> {
  // The browser may have thrown the file away.
  return (await precache.matchPrecache(file)) ?? fetch(request);
}
