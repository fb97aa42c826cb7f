import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppUpdate, ServiceWorkers } from "./update.ts";

class FakeWorker extends EventTarget {
  readonly heard: unknown[] = [];
  postMessage(message: unknown): void {
    this.heard.push(message);
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  update(): Promise<void> {
    return Promise.resolve();
  }
}

class FakeWorkers extends EventTarget {
  controller: FakeWorker | null = null;
  readonly registration = new FakeRegistration();
  register(): Promise<FakeRegistration> {
    return Promise.resolve(this.registration);
  }
}

let workers: FakeWorkers;
let reloads: number;
let appUpdate: AppUpdate;

async function watch(): Promise<void> {
  // Each page has one of its own.
  vi.resetModules();
  const module = await import("./update.ts");
  ({ appUpdate } = module);
  vi.useFakeTimers({ toFake: ["setInterval"] });
  await module.watchForUpdates(workers as unknown as ServiceWorkers, "/service-worker.js", () => {
    reloads++;
  });
}

afterEach(() => void vi.useRealTimers());
beforeEach(() => {
  workers = new FakeWorkers();
  reloads = 0;
});

function install(): FakeWorker {
  const worker = new FakeWorker();
  workers.registration.installing = worker;
  workers.registration.dispatchEvent(new Event("updatefound"));
  workers.registration.installing = null;
  workers.registration.waiting = worker;
  worker.dispatchEvent(new Event("statechange"));
  return worker;
}

describe("a new version", () => {
  it("waits until the patient takes it, and the page is loaded anew once it took over", async () => {
    workers.controller = new FakeWorker();
    await watch();
    const worker = install();
    expect(appUpdate.isReady.snapshot()).toBe(true);
    expect(worker.heard).toEqual([]);
    appUpdate.take();
    expect(worker.heard).toEqual(["take-over"]);
    expect(reloads).toBe(0);
    workers.dispatchEvent(new Event("controllerchange"));
    expect(reloads).toBe(1);
  });

  it("that waited already when the app was opened is offered at once", async () => {
    workers.controller = new FakeWorker();
    workers.registration.waiting = new FakeWorker();
    await watch();
    expect(appUpdate.isReady.snapshot()).toBe(true);
  });

  it("is nothing to offer on the first visit, and the first worker reloads nothing", async () => {
    await watch();
    install();
    expect(appUpdate.isReady.snapshot()).toBe(false);
    workers.dispatchEvent(new Event("controllerchange"));
    expect(reloads).toBe(0);
  });
});
