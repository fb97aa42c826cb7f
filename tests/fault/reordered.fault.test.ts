/** A network that delays, doubles and reorders what goes through, between devices and gateway and on the uplink. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { createRandom } from "../crash/random.ts";
import { describeViolations } from "../crash/report.ts";
import { UntidyNetwork } from "../faults-kit/untidy-network.ts";
import { until, WatchedDevices } from "../faults-kit/watched-devices.ts";
import { freePort } from "../system/installation.ts";

const SEED = Number(process.env["SIPHMS_FAULT_SEED"] ?? randomInt(2 ** 31));
/** As many of each, before the test looks at what came of them. */
const LEAST_DEEDS = 40;
const EAGER = { engine: { inFlight: 16 }, window: 24, pauseMs: 15 };

describe(`envelopes that come late, twice and in another order (SIPHMS_FAULT_SEED=${SEED})`, () => {
  let installation: ApartInstallation;
  let network: UntidyNetwork;

  beforeAll(async () => {
    const port = await freePort();
    installation = await ApartInstallation.start({
      gateway: { SIPHMS_GATEWAY_PORT: String(port) },
    });
    const gateway = new URL(`http://127.0.0.1:${port}`);
    network = await UntidyNetwork.start(installation.gatewayUrl, gateway, createRandom(SEED));
  });

  afterAll(async () => {
    await installation.remove();
    await network.stop();
  });

  it("are stored once each, and receipted by what was stored [HS-312e2i]", async () => {
    const byMailbox = { ...EAGER, engine: { ...EAGER.engine, preferWaitSeconds: 0 } };
    const devices = await WatchedDevices.enrol(installation, [EAGER, byMailbox]);
    await until(
      () => Object.values(network.deeds).every((count) => count >= LEAST_DEEDS),
      "it all",
    );
    const { violations, receipts, records } = await devices.compare();
    expect(describeViolations(violations)).toBe("");
    expect(receipts).toBeGreaterThan(LEAST_DEEDS);
    expect(records.messages.length).toBe(new Set(records.messages.map(({ id }) => id)).size);
  });
});
