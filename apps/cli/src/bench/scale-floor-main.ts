import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { MAX_WAIT_SECONDS } from "@siphms/relay";

import { serveBenchProcess } from "./harness/bench-process.ts";
import { collectedMemory } from "./scale-garbage.ts";
import type { FloorCalls } from "./scale-floor.ts";

// Holds every request as long as a gateway holds a wait, and does nothing else with it.
const server = createServer({ requestTimeout: 0 }, (_request, response) => {
  setTimeout(() => response.writeHead(204).end(), MAX_WAIT_SECONDS * 1_000);
});

serveBenchProcess<FloorCalls>({
  listen: async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port };
  },
  memory: () => collectedMemory(),
});
