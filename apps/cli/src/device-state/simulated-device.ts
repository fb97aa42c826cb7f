import { createNodeCrypto } from "@siphms/node-crypto";
import { openDevice } from "@siphms/device";
import type { Device } from "@siphms/device";

import { openFileStore } from "./file-store.ts";
import { lockFolder } from "./folder-lock.ts";
import { createNodeHttp } from "./node-http.ts";
import { loadStoreKey } from "./store-key.ts";
import { systemClock } from "./system-clock.ts";

/** A device of the command line, held by this process until it is closed. */
export interface SimulatedDevice {
  readonly device: Device;
  close(): Promise<void>;
}

/**
 * Opens the simulated device whose state lies in `folder`, making it at the first call.
 *
 * @param passphrase - Of `SIPHMS_DEVICE_PASSPHRASE`.
 * @throws {CliError} when another process holds the folder, or its key does not open.
 */
export async function openSimulatedDevice(
  folder: string,
  passphrase: string | undefined,
): Promise<SimulatedDevice> {
  const lock = await lockFolder(folder, "The device");
  try {
    const storeKey = await loadStoreKey(folder, passphrase);
    const store = await openFileStore(folder);
    const ports = { clock: systemClock, http: createNodeHttp(), crypto: createNodeCrypto(), store };
    const device = await openDevice(ports, { storeKey });
    return {
      device,
      close: async () => {
        await store.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
