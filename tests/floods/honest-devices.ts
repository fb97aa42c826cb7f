import type { Bytes } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { loopbackAddresses } from "../../apps/cli/src/bench/floods/addresses.ts";
import { createLaneGateway, ToldToWait } from "../../apps/cli/src/bench/floods/lane-gateway.ts";
import { shakeHands } from "../../apps/cli/src/bench/harness/bench-handshake.ts";
import type { BenchSession } from "../../apps/cli/src/bench/harness/bench-device.ts";
import { createFleet, prepareEnvelopes } from "../../apps/cli/src/bench/load/fleet.ts";
import { sendAll } from "../../apps/cli/src/bench/load/load-run.ts";
import { systemClock } from "../../apps/cli/src/device-state/system-clock.ts";

const WAIT_SECONDS = 30;
const TIMEOUT_MS = 45_000;
/** Of one who is told to wait for two seconds each time. */
const TRIES = 30;
const NEW_ADDRESSES = loopbackAddresses(50, 100);

/** Devices with sessions that send as fast as they are served, as many messages at once as there are devices. */
export class HonestDevices {
  readonly #sessions: readonly BenchSession[];
  readonly #port: number;
  /** Message-ids of everything that they have a verified receipt for. */
  readonly receipted: string[] = [];
  sent = 0;
  #came = 0;

  private constructor(sessions: readonly BenchSession[], port: number) {
    this.#sessions = sessions;
    this.#port = port;
  }

  /** Enrols them, each with a patient of its own, and opens a session for each. */
  static async enrol(
    count: number,
    place: { readonly gatewayUrl: string; readonly operatorSocket: string },
  ): Promise<HonestDevices> {
    const fleet = await createFleet({ ...place, devices: count });
    await fleet.openSessions(count);
    return new HonestDevices(fleet.sessions, Number(new URL(place.gatewayUrl).port));
  }

  /** Sends so many messages. @returns The statuses that came: 200 alone, where each was answered with its receipt in time. */
  async send(count: number): Promise<readonly number[]> {
    const [port, clock] = [this.#port, systemClock];
    const sessions = this.#sessions;
    const work = { count, waitSeconds: WAIT_SECONDS, port };
    const requests = await prepareEnvelopes(sessions, work);
    this.sent += count;
    const connections = sessions.length;
    const report = await sendAll(requests, { connections, port, clock, timeoutMs: TIMEOUT_MS });
    this.receipted.push(...report.receipts.map(({ messageId }) => messageId));
    return [...new Set(report.status)];
  }

  /** Lets one of them come from an address where nobody was before: it waits as it is told, until it has a new session. */
  async comeNew(): Promise<void> {
    const gateway = createLaneGateway(this.#port, NEW_ADDRESSES[this.#came++]!);
    const hello = () =>
      shakeHands(this.#sessions[0]!.device, { gateway, crypto: createNodeCrypto() });
    const come = async (triesLeft: number): Promise<void> => {
      try {
        await hello();
      } catch (error) {
        if (!(error instanceof ToldToWait) || triesLeft === 0) throw error;
        await systemClock.sleep(error.waitMs);
        await come(triesLeft - 1);
      }
    };
    await come(TRIES).finally(() => gateway.close());
  }

  /** Of the key to which the hospital answers. */
  get hospitalKid(): Bytes {
    return this.#sessions[0]!.device.hospital.credential.kid;
  }
}
