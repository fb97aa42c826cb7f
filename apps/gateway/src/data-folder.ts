import { ensurePrivateFolder, listenOnSocket } from "@siphms/server-kit";
import { createServer } from "node:net";
import { join } from "node:path";
import type { HospitalAdmission, QueueLimits, QueueStore } from "./domain/ports.ts";
import type { WitnessMemory } from "./domain/witness.ts";
import { watchDiskRoom } from "./storage/disk-room.ts";
import { openEnvironment } from "./storage/environment.ts";
import { openHospitalDirectory } from "./storage/hospital-directory.ts";
import { openLmdbQueueStore } from "./storage/lmdb-queue-store.ts";
import { openWitnessMemory } from "./storage/witness-memory.ts";

/** An open data folder. */
export interface DataFolder {
  readonly store: QueueStore;
  readonly directory: HospitalAdmission;
  readonly memory: WitnessMemory;
  close(): Promise<void>;
}

/**
 * Opens the data folder for a gateway that serves; a second one on the same folder is refused.
 *
 * @throws {ServerKitError} `SOCKET_IN_USE` if another gateway has it open, `FOLDER_UNSAFE` if it is not this user's.
 */
export async function openDataFolder(
  folder: string,
  limits: QueueLimits,
  reserveBytes: number,
): Promise<DataFolder> {
  ensurePrivateFolder(folder);
  // A socket is a lock that its holder's death lets go, whatever the way of dying.
  const holder = createServer((connection) => connection.destroy());
  const lock = await listenOnSocket(holder, join(folder, "lock"));
  const environment = openEnvironment(folder);
  const store = openLmdbQueueStore(environment, limits, await watchDiskRoom(folder, reserveBytes));
  return {
    store,
    directory: openHospitalDirectory(environment),
    memory: openWitnessMemory(environment),
    async close() {
      await store.close();
      await new Promise<void>((resolve) =>
        holder.close(() => {
          resolve();
        }),
      );
      lock.remove();
    },
  };
}

/** Opens only the admitted hospitals and what the witness remembers, beside a gateway that may be running. */
export function openAdmission(folder: string): Omit<DataFolder, "store"> {
  const environment = openEnvironment(folder);
  return {
    directory: openHospitalDirectory(environment),
    memory: openWitnessMemory(environment),
    close: () => environment.close(),
  };
}
