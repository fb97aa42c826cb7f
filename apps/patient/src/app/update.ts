import { Observed, type Observable } from "../observable.ts";

/** What the service worker is told to let a waiting version take over. */
export const TAKE_OVER = "take-over";

/** The part of the browser that is needed. */
export type ServiceWorkers = Pick<ServiceWorkerContainer, "controller" | "addEventListener"> & {
  register(url: string): Promise<ServiceWorkerRegistration>;
};

/** A new version of the app, which waits until the patient takes it. */
export interface AppUpdate {
  readonly isReady: Observable<boolean>;
  /** Lets it take over; the page is then loaded anew. */
  take(): void;
}

/** How often a phone that is never put away asks for a new version. */
const ASK_EVERY_MS = 6 * 3_600_000;

class Update implements AppUpdate {
  readonly isReady = new Observed(false);
  #registration: ServiceWorkerRegistration | undefined;

  async watch(workers: ServiceWorkers, url: string, reload: () => void): Promise<void> {
    // The first worker of all takes over nothing: there is no other version behind this page.
    let isFirst = workers.controller === null;
    workers.addEventListener("controllerchange", () => {
      if (isFirst) isFirst = false;
      else reload();
    });
    const registration = await workers.register(url);
    this.#registration = registration;
    const look = (): void => {
      if (registration.waiting !== null && workers.controller !== null) this.isReady.set(true);
    };
    look();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", look);
    });
    setInterval(() => void registration.update().catch(() => undefined), ASK_EVERY_MS);
  }

  take(): void {
    this.#registration?.waiting?.postMessage(TAKE_OVER);
  }
}

const update = new Update();

/** This page's update. */
export const appUpdate: AppUpdate = update;

/**
 * Registers the service worker, so that the app starts without a network, and watches for new versions.
 *
 * @param reload - Loads the page anew once another version has taken over.
 */
export function watchForUpdates(
  workers: ServiceWorkers,
  url: string,
  reload: () => void,
): Promise<void> {
  return update.watch(workers, url, reload);
}
