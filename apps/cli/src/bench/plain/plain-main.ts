import type { AddressInfo } from "node:net";

import { serveBenchProcess } from "../harness/bench-process.ts";
import type { PlainCalls } from "./start-plain.ts";
import { createPlainServer } from "./plain-server.ts";

serveBenchProcess<PlainCalls>({
  listen: async (options) => {
    const app = await createPlainServer(options);
    await app.listen({ host: "127.0.0.1", port: 0 });
    return { port: (app.server.address() as AddressInfo).port };
  },
});
