import { rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BluetoothSim, whyNoBluetoothSim } from "../bluetooth-sim/bluetooth-sim.ts";
import { parseSimEvent, type SimPeripheral } from "../bluetooth-sim/protocol.ts";
import {
  bloodPressureValue,
  CUFF,
  GLUCOSE,
  HEART,
  heartRateValue,
} from "../bluetooth-sim/sensors.ts";
import { startBrowser } from "../system/browser.ts";
import { answerChooser } from "../system/device-chooser.ts";

/** A page that connects what was chosen, subscribes to everything, and keeps what came. */
const PAGE = `<!doctype html><title>sim</title><button>go</button><script>
const log = [], found = {}; let device, job, service;
const hex = (view) => Array.from(new Uint8Array(view.buffer), (b) => b.toString(16).padStart(2, "0")).join("");
async function open() {
  const all = await (await (await device.gatt.connect()).getPrimaryService(service)).getCharacteristics();
  for (const one of all) {
    const short = one.uuid.slice(4, 8);
    found[short] = one;
    one.oncharacteristicvaluechanged = (event) => log.push(short + " " + hex(event.target.value));
    if (one.properties.notify || one.properties.indicate) await one.startNotifications();
  }
}
document.querySelector("button").onclick = () => {
  job = (async () => {
    device = await navigator.bluetooth.requestDevice({ filters: [{ services: [service] }] });
    device.ongattserverdisconnected = () => log.push("disconnected");
    await open();
    return device.name;
  })().catch((error) => error.name);
};
</script>`;

const why = whyNoBluetoothSim === "" ? "" : ` (skipped: ${whyNoBluetoothSim})`;

describe.skipIf(whyNoBluetoothSim !== "")(`the simulated BlueZ in real Chromium${why}`, () => {
  let sim: BluetoothSim;
  let browser: Browser;
  let page: Page;
  let wanted = "";

  /** Presses the button, and says what came of it: the device's name or the name of an error. */
  async function pick(peripheral: SimPeripheral): Promise<unknown> {
    wanted = peripheral.name;
    const service = Number.parseInt(peripheral.services[0]!.uuid, 16);
    await page.evaluate(`service = ${String(service)}`);
    await page.getByRole("button").click();
    return page.evaluate("job");
  }

  /** Waits until the page has seen this line, and takes it. */
  async function seen(line: string): Promise<void> {
    const text = JSON.stringify(line);
    await page.waitForFunction(`log.includes(${text}) && log.splice(log.indexOf(${text}), 1)`);
  }

  beforeAll(async () => {
    sim = await BluetoothSim.start([HEART, CUFF, GLUCOSE]);
    browser = await startBrowser({ bluetooth: true, environment: sim.environment });
    page = await browser.newPage();
    // A secure context; the route answers, nothing listens.
    await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto("http://localhost/");
    await answerChooser(page, () => wanted);
  });
  afterAll(async () => {
    await browser.close();
    await sim.stop();
  });

  it("notifies heart rates, the same value twice too", async () => {
    expect(await pick(HEART)).toBe(HEART.name);
    for (const bpm of [72, 72, 75]) {
      const value = heartRateValue(bpm);
      sim.notify({ address: HEART.address, characteristic: "2a37", value });
      await seen(`2a37 ${value}`);
    }
  });

  it("is read as it was set", async () => {
    const read = (): Promise<unknown> => page.evaluate('found["2a38"].readValue().then(hex)');
    expect(await read()).toBe("01");
    sim.set({ address: HEART.address, characteristic: "2a38", value: "02" });
    expect(await read()).toBe("02");
  });

  it("drops a connection, and goes on after the next one", async () => {
    sim.disconnect(HEART.address);
    await seen("disconnected");
    await page.evaluate("open()");
    const value = heartRateValue(80);
    sim.notify({ address: HEART.address, characteristic: "2a37", value });
    await seen(`2a37 ${value}`);
  });

  it("indicates a blood pressure", async () => {
    expect(await pick(CUFF)).toBe(CUFF.name);
    expect(bloodPressureValue([120, 80, 100])).toBe("00780050006400");
    const value = bloodPressureValue([120, 80, 100]);
    sim.notify({ address: CUFF.address, characteristic: "2a35", value });
    await seen(`2a35 ${value}`);
  });

  it("hands over the records of a glucose meter when it is asked", async () => {
    expect(await pick(GLUCOSE)).toBe(GLUCOSE.name);
    await page.evaluate('found["2a52"].writeValueWithResponse(new Uint8Array([1, 1]))');
    const { value } = await sim.next("written", { characteristic: "2a52", type: "request" });
    expect(value).toBe("0101");
    const { address } = GLUCOSE;
    const record = "000100ea070b160a0000";
    sim.notify({ address, characteristic: "2a18", value: record });
    sim.notify({ address, characteristic: "2a52", value: "06000101" });
    await seen(`2a18 ${record}`);
    await seen("2a52 06000101");
  });

  it("is out of reach once it is out of range", async () => {
    sim.remove(GLUCOSE.address);
    await seen("disconnected");
    expect(await page.evaluate("device.gatt.connect().catch((error) => error.name)")).toBe(
      "NetworkError",
    );
  });

  it("lets a person close the list without choosing", async () => {
    expect(await pick({ ...CUFF, name: "" })).toBe("NotFoundError");
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
