/**
 * Two thousand devices behind one address, as a clinic's router shows them, come back in the same moment: when their
 * power returns, and when their gateway does. How long that took is printed, and judged by nobody.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { Crowd } from "../faults-kit/crowd.ts";
import { until, uplink, within } from "../faults-kit/watched-devices.ts";

const DEVICES = Number(process.env["SIPHMS_CROWD"] ?? "2000");
const LIMIT_MS = 400_000;

describe(`${DEVICES} devices behind one address that come back in the same moment`, () => {
  let folder: string;
  let installation: ApartInstallation;
  let crowd: Crowd;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "siphms-crowd-"));
    const settings = join(folder, "settings");
    // No clinic enrols all of its devices in one minute.
    writeFileSync(settings, "SIPHMS_GATEWAY_ADDRESS_PER_MINUTE=1000000\n");
    installation = await ApartInstallation.start({
      gateway: { SIPHMS_GATEWAY_SETTINGS: settings, SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "" },
    });
    await uplink(installation);
    const began = performance.now();
    crowd = await Crowd.enrol(installation, DEVICES);
    say(`enrolling ${DEVICES} devices`, began);
    writeFileSync(settings, "");
    await restartGateway();
  }, LIMIT_MS);

  afterAll(async () => {
    await crowd.stop();
    await installation.remove();
    rmSync(folder, { recursive: true });
  });

  async function restartGateway(): Promise<void> {
    const { gateway } = installation;
    const { starts } = gateway;
    gateway.signal("SIGKILL");
    await until(() => gateway.starts > starts, "the gateway to be started again");
    await gateway.ready();
    await uplink(installation);
  }

  /** Everything that they recorded is receipted, and stored once each. */
  async function expectAllStored(times: number): Promise<void> {
    await within(crowd.receipts(), LIMIT_MS, "a receipt for everything");
    expect(crowd.receipted.map(({ outcome }) => outcome)).toEqual(Array(times * DEVICES).fill(0));
    const ids = crowd.receipted.map(({ id }) => id).sort();
    expect(ids).toEqual(crowd.recorded.toSorted());
    expect((await storedIds()).toSorted()).toEqual(ids);
  }

  async function storedIds(): Promise<readonly string[]> {
    const database = new Client({ connectionString: installation.postgres.url });
    await database.connect();
    const { rows } = await database.query<{ id: Buffer }>("SELECT message_id AS id FROM batches");
    await database.end();
    return rows.map(({ id }) => id.toString("base64url"));
  }

  it(
    "have all of them a session and a receipt after a power cut",
    { timeout: LIMIT_MS },
    async () => {
      await crowd.open();
      await crowd.record();
      const began = performance.now();
      crowd.connect();
      await expectAllStored(1);
      say(`${DEVICES} new sessions, and a receipt for each device`, began);
    },
  );

  it("have all of them a receipt after their gateway was away", { timeout: LIMIT_MS }, async () => {
    const { gateway } = installation;
    await gateway.hold();
    await crowd.record();
    const began = performance.now();
    gateway.release();
    await expectAllStored(2);
    say(`the gateway started again, and a receipt for each device`, began);
  });
});

function say(what: string, began: number): void {
  process.stdout.write(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
