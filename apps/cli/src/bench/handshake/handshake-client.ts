import type { OperatorClient } from "../../installation/operator-client.ts";
import type { BenchDevice, BenchGateway } from "../harness/bench-device.ts";
import { enrolBenchDevices, openBenchSession } from "../harness/bench-devices.ts";

/** What a process that plays devices can be asked. */
export interface HandshakeClientCalls {
  /** Enrols devices through the gateway. */
  enrol(input: {
    readonly operatorSocket: string;
    readonly gatewayUrl: string;
    readonly devices: number;
    readonly prefix: string;
  }): Promise<void>;
  /** Opens sessions, so many at once, for so long; gives the ms that each took. Those that were begun are finished. */
  run(input: { readonly forMs: number; readonly atOnce: number }): Promise<Float64Array>;
}

/** What the client stands on. */
export interface HandshakeClientPorts {
  readonly connectOperator: (socket: string) => OperatorClient;
  readonly connectGateway: (url: string) => BenchGateway;
}

/** Creates a client without devices. */
export function createHandshakeClient(ports: HandshakeClientPorts): HandshakeClientCalls {
  let devices: readonly BenchDevice[] = [];
  let gateway: BenchGateway | undefined;
  return {
    async enrol({ operatorSocket, gatewayUrl, devices: count, prefix }) {
      const operator = ports.connectOperator(operatorSocket);
      gateway = ports.connectGateway(gatewayUrl);
      devices = await enrolBenchDevices(count, { operator, gateway, prefix });
      operator.close();
    },
    async run({ forMs, atOnce }) {
      const tookMs: number[] = [];
      const begin = performance.now();
      let next = 0;
      const lane = async (): Promise<void> => {
        for (;;) {
          const device = devices[next++ % devices.length];
          if (device === undefined || gateway === undefined) throw new RangeError("not enrolled");
          const asked = performance.now();
          if (asked - begin >= forMs) return;
          await openBenchSession(device, gateway);
          tookMs.push(performance.now() - asked);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      return Float64Array.from(tookMs);
    },
  };
}
