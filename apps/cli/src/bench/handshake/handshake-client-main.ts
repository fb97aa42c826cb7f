import { createNodeHttp } from "../../device-state/node-http.ts";
import { createMachineClient } from "../../installation/key-login.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { createHttpGateway } from "../harness/http-gateway.ts";
import { createHandshakeClient } from "./handshake-client.ts";
import type { HandshakeClientCalls } from "./handshake-client.ts";

serveBenchProcess<HandshakeClientCalls>(
  createHandshakeClient({
    connectOperator: createMachineClient,
    connectGateway: (url) => createHttpGateway(url, createNodeHttp()),
  }),
);
