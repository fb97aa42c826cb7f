import { createNodeHttp } from "../../device-state/node-http.ts";
import { createOperatorClient } from "../../installation/operator-client.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { createHttpGateway } from "../harness/http-gateway.ts";
import { createHandshakeClient } from "./handshake-client.ts";
import type { HandshakeClientCalls } from "./handshake-client.ts";

serveBenchProcess<HandshakeClientCalls>(
  createHandshakeClient({
    connectOperator: createOperatorClient,
    connectGateway: (url) => createHttpGateway(url, createNodeHttp()),
  }),
);
