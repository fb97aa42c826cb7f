import { rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BluetoothSim, whyNoBluetoothSim } from "../bluetooth-sim/bluetooth-sim.ts";
import { parseSimEvent } from "../bluetooth-sim/protocol.ts";
import {
  bloodPressureValue,
  CUFF,
  GLUCOSE,
  HEART,
  heartRateValue,
} from "../bluetooth-sim/sensors.ts";
import { SensorPage } from "../bluetooth-sim/sensor-page.ts";
import { startBrowser } from "../system/browser.ts";

const why = whyNoBluetoothSim === "" ? "" : ` (skipped: ${whyNoBluetoothSim})`;

describe.skipIf(whyNoBluetoothSim !== "")(`the simulated BlueZ in real Chromium${why}`, () => {
  let sim: BluetoothSim;
  let browser: Browser;
  let page: SensorPage;

  beforeAll(async () => {
    sim = await BluetoothSim.start([HEART, CUFF, GLUCOSE]);
    browser = await startBrowser({ bluetooth: true, environment: sim.environment });
    page = await SensorPage.open(await browser.newPage());
  });
  afterAll(async () => {
    await browser.close();
    await sim.stop();
  });

  it("notifies heart rates, the same value twice too", async () => {
    expect(await page.pick(HEART)).toBe(HEART.name);
    for (const bpm of [72, 72, 75]) {
      const value = heartRateValue(bpm);
      sim.notify({ address: HEART.address, characteristic: "2a37", value });
      await page.seen(`2a37 ${value}`);
    }
  });

  it("is read as it was set", async () => {
    const read = (): Promise<unknown> => page.run('found["2a38"].readValue().then(hex)');
    expect(await read()).toBe("01");
    sim.set({ address: HEART.address, characteristic: "2a38", value: "02" });
    expect(await read()).toBe("02");
  });

  it("drops a connection, and goes on after the next one", async () => {
    sim.disconnect(HEART.address);
    await page.seen("disconnected");
    await page.run("open()");
    const value = heartRateValue(80);
    sim.notify({ address: HEART.address, characteristic: "2a37", value });
    await page.seen(`2a37 ${value}`);
  });

  it("indicates a blood pressure", async () => {
    expect(await page.pick(CUFF)).toBe(CUFF.name);
    expect(bloodPressureValue([120, 80, 100])).toBe("00780050006400");
    const value = bloodPressureValue([120, 80, 100]);
    sim.notify({ address: CUFF.address, characteristic: "2a35", value });
    await page.seen(`2a35 ${value}`);
  });

  it("hands over the records of a glucose meter when it is asked", async () => {
    expect(await page.pick(GLUCOSE)).toBe(GLUCOSE.name);
    await page.run('found["2a52"].writeValueWithResponse(new Uint8Array([1, 1]))');
    const { value } = await sim.next("written", { characteristic: "2a52", type: "request" });
    expect(value).toBe("0101");
    const { address } = GLUCOSE;
    const record = "000100ea070b160a0000";
    sim.notify({ address, characteristic: "2a18", value: record });
    sim.notify({ address, characteristic: "2a52", value: "06000101" });
    await page.seen(`2a18 ${record}`);
    await page.seen("2a52 06000101");
  });

  it("is out of reach once it is out of range", async () => {
    sim.remove(GLUCOSE.address);
    await page.seen("disconnected");
    expect(await page.run("device.gatt.connect().catch((error) => error.name)")).toBe(
      "NetworkError",
    );
  });

  it("lets a person close the list without choosing", async () => {
    expect(await page.pick({ ...CUFF, address: "" })).toBe("NotFoundError");
  });

  it("refuses a notification to which nobody has subscribed, and says so to whoever waits", async () => {
    const other = await BluetoothSim.start([HEART]);
    other.notify({ address: HEART.address, characteristic: "2a37", value: "0648" });
    await expect(other.next("connected")).rejects.toThrow("refused");
    other.disconnect("02:00:00:00:00:99");
    const { message } = await other.next("error");
    expect(message).toContain("KeyError");
    await other.stop();
  });

  it("ends with its bus and leaves no folder, asked to, after its time, and when its starter is gone", async () => {
    const asked = await BluetoothSim.start([]);
    expect(await knock(asked)).toBe("there");
    await asked.stop();
    expect(await knock(asked)).toBe("ENOENT");
    const timed = await BluetoothSim.start([], 1);
    await expect(timed.next("connected")).rejects.toThrow("ended before");
    expect(await knock(timed)).toBe("ENOENT");
  });

  it("takes its bus with it when it is killed", async () => {
    const killed = await BluetoothSim.start([]);
    process.kill(killed.pid, "SIGKILL");
    await expect(killed.next("connected")).rejects.toThrow("ended before");
    await expect.poll(() => knock(killed)).toBe("ECONNREFUSED");
    rmSync(dirname(socketOf(killed)), { recursive: true });
  });
});

function socketOf({ environment }: BluetoothSim): string {
  return (environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? "").replace("unix:path=", "");
}

/** Whether a bus listens: `there`, or why not. */
function knock(sim: BluetoothSim): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketOf(sim), () => {
      socket.destroy();
      resolve("there");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

describe("an event of the simulation", () => {
  it.each([
    ["text that is no JSON", "ready"],
    ["no object", "7"],
    ["null", "null"],
    ["an unknown name", '{"event":"exploded"}'],
    ["no name", "{}"],
    ["an unknown member", '{"event":"ready","colour":"red"}'],
    ["a member that is no text", '{"event":"connected","address":7}'],
  ])("is refused: %s", (_, line) => {
    expect(() => parseSimEvent(line)).toThrow();
  });

  it("is read with all its members", () => {
    const line = '{"event":"written","address":"A","characteristic":"2a52","value":"0101"}';
    expect(parseSimEvent(line)).toEqual({
      event: "written",
      address: "A",
      characteristic: "2a52",
      value: "0101",
    });
  });
});
