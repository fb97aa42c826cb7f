import { createWebCrypto } from "@siphms/cose";
import type { Http } from "@siphms/device";
import { browserClock } from "../clock.ts";
import type { Bluetooth, WebBluetooth } from "../sensors/index.ts";
import { openDatabase } from "../storage/database.ts";
import { eraseDatabase } from "../storage/erase.ts";
import { createIndexedStore } from "../storage/indexed-store.ts";
import { createVaultStore } from "../storage/vault-store.ts";
import { createPasskeys } from "../unlock/passkey.ts";
import argon2WorkerUrl from "../vault/argon2-worker.ts?worker&url";
import { Vault } from "../vault/vault.ts";
import { createWorkerKdf } from "../vault/worker-kdf.ts";
import type { PageEvents } from "./auto-lock.ts";
import { usesDemoSensors } from "./demo.ts";
import type { PatientAppPorts } from "./patient-app.ts";
import { deviceNameOf } from "./platform.ts";
import type { MissingFeature } from "./stage.ts";
import { trustedScriptUrl } from "./trusted-url.ts";

/** Joins the app to the browser that it runs in. */
export function browserPorts(): PatientAppPorts {
  const crypto = createWebCrypto();
  const kdf = createWorkerKdf(startArgon2);
  return {
    missing: missingFeatures(),
    locks: navigator.locks,
    persist: () => navigator.storage.persist(),
    openStorage: async (onClosed) => {
      const database = await openDatabase({ onClosed });
      return {
        store: createIndexedStore(database),
        vault: createVaultStore(database),
        erase: () => eraseDatabase(database),
      };
    },
    createVault: (store) =>
      new Vault({ store, crypto, kdf, monotonic: () => browserClock.monotonic() }),
    passkeys: createPasskeys({
      crypto,
      credentials: navigator.credentials,
      platform: "PublicKeyCredential" in globalThis ? PublicKeyCredential : undefined,
      host: location.hostname,
      label: "SIPHMS",
    }),
    wakeLocks: "wakeLock" in navigator ? navigator.wakeLock : undefined,
    page: pageEvents,
    held: {
      clock: browserClock,
      crypto,
      http: fetchHttp,
      bluetooth: openBluetooth,
      locale: navigator.language,
      // The browser counts the other way round: what is to be added to local time to get UTC.
      utcOffsetMinutes: () => -new Date(browserClock.now()).getTimezoneOffset(),
    },
    deviceName: deviceNameOf(navigator.userAgent),
  };
}

/** Nothing is sent before the first unlocking: the first screen loads without it. */
const fetchHttp: Http = async (request) => {
  const { createFetchHttp } = await import("@siphms/device");
  return createFetchHttp((input, init) => fetch(input, init))(request);
};

function startArgon2(): Worker {
  return new Worker(trustedScriptUrl(argon2WorkerUrl), { type: "module" });
}

async function openBluetooth(): Promise<Bluetooth | undefined> {
  if (usesDemoSensors()) {
    const { createDemoBluetooth } = await import("../sensors/demo-bluetooth.ts");
    return createDemoBluetooth(browserClock);
  }
  // TypeScript's library does not know it; the adapter asks for each thing that it uses.
  const { bluetooth } = navigator as { readonly bluetooth?: WebBluetooth };
  if (bluetooth === undefined) return undefined;
  const { createWebBluetooth } = await import("../sensors/index.ts");
  return createWebBluetooth(bluetooth);
}

function missingFeatures(): readonly MissingFeature[] {
  const present: Readonly<Record<MissingFeature, boolean>> = {
    "secure-context": isSecureContext,
    storage: "indexedDB" in globalThis && "storage" in navigator,
    locks: "locks" in navigator,
    cryptography: "subtle" in crypto,
    workers: "Worker" in globalThis && "WebAssembly" in globalThis,
  };
  const features: readonly MissingFeature[] = [
    "secure-context",
    "storage",
    "locks",
    "cryptography",
    "workers",
  ];
  return features.filter((feature) => !present[feature]);
}

const pageEvents: PageEvents = {
  onVisibility: (listener) => {
    document.addEventListener("visibilitychange", () => listener(document.hidden));
    // Some browsers end a page without ever hiding it.
    addEventListener("pagehide", () => listener(true));
    addEventListener("pageshow", () => listener(document.hidden));
  },
  onOnline: (listener) => addEventListener("online", listener),
};
