import { createMachineClient } from "../../installation/key-login.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { createFeeder } from "./feeder.ts";
import type { FeederCalls } from "./feeder.ts";
import { listenAsUnsafeStubGateway } from "./stub-gateway.ts";

const gateway = await listenAsUnsafeStubGateway();
serveBenchProcess<FeederCalls>(createFeeder(gateway, createMachineClient));
