import { createMachineClient } from "../../installation/key-login.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { listenAsUnsafeStubGateway } from "../ingest/stub-gateway.ts";
import { createHistoryFeeder } from "./history-feeder.ts";
import type { HistoryCalls } from "./history-feeder.ts";

const gateway = await listenAsUnsafeStubGateway();
serveBenchProcess<HistoryCalls>(createHistoryFeeder(gateway, createMachineClient));
