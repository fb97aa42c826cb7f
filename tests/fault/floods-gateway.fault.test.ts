/**
 * A hospital with two gateways, one of which brings nothing but handshakes. The devices behind the other one must not
 * notice: their messages get receipts, and who comes new gets a session, while the flood goes on.
 */
import { join } from "node:path";
import { UPLINK_CLOSE } from "@siphms/relay";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { until, uplink } from "../faults-kit/watched-devices.ts";
import { HonestDevices } from "../floods/honest-devices.ts";
import { HostileGateway } from "../floods/hostile-gateway.ts";
import { freePort } from "../system/installation.ts";

const DEVICES = 6;
const MESSAGES = 120;
/** More than a hospital lets wait of one gateway, fewer than it ends the connection for. */
const FLOOD = 5_000;
const TOO_MANY = 20_000;

describe("a gateway that floods its hospital (SR-45)", () => {
  let installation: ApartInstallation;
  let hostile: HostileGateway;
  let honest: HonestDevices;

  beforeAll(async () => {
    hostile = await HostileGateway.start();
    const port = await freePort();
    const gatewayUrl = `http://127.0.0.1:${port}`;
    installation = await ApartInstallation.start({
      gateway: { SIPHMS_GATEWAY_URL: gatewayUrl, SIPHMS_GATEWAY_PORT: String(port) },
      hospital: { SIPHMS_HOSPITAL_GATEWAYS: `${gatewayUrl},${hostile.url}` },
    });
    await uplink(installation);
    const operatorSocket = join(installation.folder, "hospital", "run", "hospital.sock");
    honest = await HonestDevices.enrol(DEVICES, { gatewayUrl, operatorSocket });
    hostile.aimAt(honest.hospitalKid);
  });

  beforeEach(async () => {
    await hostile.connected();
    hostile.forget();
  });

  afterAll(async () => {
    await hostile.stop();
    await installation.remove();
  });

  async function expectHonestServed(): Promise<void> {
    expect(await honest.send(MESSAGES)).toEqual([200]);
    await honest.comeNew();
  }

  const refused = async (reason: string): Promise<number> =>
    (await installation.operator.counters()).refused[reason] ?? 0;

  it("with message_1 is told to slow down, and the other's devices are served", async () => {
    const before = await refused("handshake-slow-down");
    hostile.flood(FLOOD);
    await until(() => (hostile.outcomes.get("slow-down") ?? 0) > 0, "slow-down for the flood");
    await expectHonestServed();
    // The flood has gone on all the time: it was answered, and never got everything.
    const { outcomes } = hostile;
    expect([...outcomes.keys()].toSorted()).toEqual(["answer", "slow-down"]);
    expect(await refused("handshake-slow-down")).toBeGreaterThan(before);
    hostile.stopFlooding();
    await until(() => hostile.answered === hostile.sent, "an answer to each");
    expect(hostile.closed).toEqual([]);
  });

  it("with message_3 that belong to nothing gets one refusal for each, and the other's devices are served", async () => {
    const before = await refused("handshake-state-absent");
    hostile.finish(FLOOD);
    await expectHonestServed();
    await until(() => hostile.answered >= FLOOD, "an answer to each");
    expect([...hostile.outcomes]).toEqual([["edhoc-error", FLOOD]]);
    expect(await refused("handshake-state-absent")).toBe(before + FLOOD);
  });

  it("with more than it could ever have under way loses its connection, and the other one does not", async () => {
    const { starts } = installation.hospital;
    const connected = await installation.gatewayMetric("siphms_gateway_uplinks");
    hostile.begin(TOO_MANY);
    await until(() => hostile.closed.length > 0, "the end of the connection");
    expect(hostile.closed).toEqual([UPLINK_CLOSE.malformed]);
    await expectHonestServed();
    await hostile.connected();
    expect(await installation.gatewayMetric("siphms_gateway_uplinks")).toBe(connected);
    expect(installation.hospital.starts).toBe(starts);
  });
});
