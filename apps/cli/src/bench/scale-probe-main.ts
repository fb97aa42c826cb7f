import { createServer } from "node:net";
import path from "node:path";
import { isMainThread } from "node:worker_threads";

import { collectedMemory } from "./scale-garbage.ts";

/**
 * Loaded into the servers of the scale bench before their own code (`--import`, with the folder in the address): whoever connects to
 * the process's socket there gets its memory after a garbage collection.
 */
const folder = new URL(import.meta.url).searchParams.get("folder");
// Worker threads load it as well, and have the same process number.
if (folder !== null && isMainThread) {
  createServer((socket) => {
    void collectedMemory().then((memory) => socket.end(JSON.stringify(memory)));
  })
    .listen(path.join(folder, `${process.pid}.sock`))
    .unref();
}
