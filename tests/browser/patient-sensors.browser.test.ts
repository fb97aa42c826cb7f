import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BluetoothSim, whyNoBluetoothSim } from "../bluetooth-sim/bluetooth-sim.ts";
import type { SimPeripheral } from "../bluetooth-sim/protocol.ts";
import { bloodPressureValue, CUFF, HEART, heartRateValue } from "../bluetooth-sim/sensors.ts";
import { startBrowser } from "../system/browser.ts";
import { answerChooser } from "../system/device-chooser.ts";
import {
  CONNECTION_FAILED,
  EmulatedBluetooth,
  NOT_PERMITTED,
} from "../system/emulated-bluetooth.ts";
import { Installation } from "../system/installation.ts";
import { PatientPhone } from "../system/patient-phone.ts";

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(() => installation.remove());

/** One phone, to which strap and cuff are added: each test goes on where the one before it stopped. */
describe("sensors in the patient app", () => {
  const mrn = "SENSORS-1";
  let browser: Browser;
  let phone: PatientPhone;
  let bluetooth: EmulatedBluetooth;
  let wanted = "";

  const panel = ({ name }: SimPeripheral): Locator => phone.page.getByRole("region", { name });
  const state = (sensor: SimPeripheral, kind: string): Promise<void> =>
    panel(sensor).locator(`[data-testid=sensor-state][data-state=${kind}]`).waitFor();

  beforeAll(async () => {
    browser = await startBrowser({ bluetooth: true });
    bluetooth = await EmulatedBluetooth.enable(browser);
    phone = await PatientPhone.fresh(browser);
    await EmulatedBluetooth.prepare(phone.page);
    await answerChooser(phone.page, () => wanted);
    await phone.enrol(installation, mrn);
  });
  afterAll(() => browser.close());

  it("says so when there is no Bluetooth, and when nothing was chosen", async () => {
    await bluetooth.plug(false);
    await phone.addSensor();
    await phone.page.getByText("Bluetooth is off").waitFor();
    await bluetooth.plug(true);
    await bluetooth.add(HEART);
    await phone.addSensor();
    await phone.page.getByText("No sensor was chosen").waitFor();
  });

  it("shows a strap's heart rate and what else it tells, live", async () => {
    wanted = HEART.address;
    await phone.addSensor();
    await state(HEART, "measuring");
    await bluetooth.notify(phone.page, "2a37", heartRateValue(72));
    await phone.page.getByTestId("live-heart-rate").getByText("72").waitFor();
    await phone.page.getByText("Battery 87").waitFor();
    await phone.page.getByText("Good contact").waitFor();
    await bluetooth.notify(phone.page, "2a37", heartRateValue(75));
    await phone.page.getByTestId("live-heart-rate").getByText("75").waitFor();
  });

  it("takes nothing from a value that cannot be read", async () => {
    await bluetooth.notify(phone.page, "2a37", "");
    await phone.page.getByText("It sent something that can't be read").waitFor();
    await phone.page.getByTestId("live-heart-rate").getByText("75").waitFor();
  });

  it("comes back by itself after a sensor has dropped the connection", async () => {
    bluetooth.fail("connection", CONNECTION_FAILED);
    await bluetooth.disconnect(HEART.address);
    await state(HEART, "lost");
    bluetooth.fail("connection", 0);
    await state(HEART, "measuring");
    await bluetooth.notify(phone.page, "2a37", heartRateValue(80));
    await phone.page.getByTestId("live-heart-rate").getByText("80").waitFor();
  });

  it("says so when a sensor refuses to be listened to, tries again, and sends its pressure", async () => {
    await bluetooth.add(CUFF);
    wanted = CUFF.address;
    bluetooth.fail("subscribe", NOT_PERMITTED);
    await phone.addSensor();
    await state(CUFF, "lost");
    await panel(CUFF).getByText("refused the connection").waitFor();
    bluetooth.fail("subscribe", 0);
    await panel(CUFF).getByRole("button", { name: "Connect now" }).click();
    await state(CUFF, "measuring");
    await bluetooth.notify(phone.page, "2a35", bloodPressureValue([128, 82, 97]));
    await phone.page.getByTestId("live-blood-pressure").getByText("128").waitFor();
    const pressures = async (): Promise<unknown[]> =>
      (await installation.readings(mrn)).filter(({ kind }) => kind === "blood-pressure");
    await expect
      .poll(pressures, { timeout: 20_000 })
      .toMatchObject([{ value: [128, 82, 97], origin: "sensor" }]);
    expect(phone.complaints).toEqual([]);
  });
});

const why = whyNoBluetoothSim === "" ? "" : ` (skipped: ${whyNoBluetoothSim})`;

describe.skipIf(whyNoBluetoothSim !== "")(`from true notifications to the record${why}`, () => {
  let sim: BluetoothSim;
  let browser: Browser;

  beforeAll(async () => {
    sim = await BluetoothSim.start([HEART, CUFF], 240);
    browser = await startBrowser({ bluetooth: true, environment: sim.environment });
  });
  afterAll(async () => {
    await browser.close();
    await sim.stop();
  });

  it("stores at the hospital exactly what strap and cuff have sent", async () => {
    const phone = await PatientPhone.fresh(browser);
    let wanted = HEART.address;
    await answerChooser(phone.page, () => wanted);
    await phone.enrol(installation, "BLUEZ-1");
    await phone.addSensor();
    await sim.next("subscribed", { characteristic: "2a37" });
    wanted = CUFF.address;
    await phone.addSensor();
    await sim.next("subscribed", { characteristic: "2a35" });
    const rates = [72, 74, 71, 90, 66];
    const live = phone.page.getByTestId("live-heart-rate");
    for (const bpm of rates) {
      const value = heartRateValue(bpm);
      sim.notify({ address: HEART.address, characteristic: "2a37", value });
      await live.getByText(String(bpm)).waitFor();
    }
    const value = bloodPressureValue([131, 84, 99]);
    sim.notify({ address: CUFF.address, characteristic: "2a35", value });
    await phone.page.getByTestId("live-blood-pressure").getByText("131").waitFor();
    // A strap's values are signed in batches of half a minute.
    await expect
      .poll(async () => (await installation.readings("BLUEZ-1")).length, { timeout: 60_000 })
      .toBe(rates.length + 1);
    const stored = await installation.readings("BLUEZ-1");
    const of = (kind: string): unknown[] =>
      stored.filter((one) => one.kind === kind).map((one) => one.value);
    expect(of("heart-rate")).toEqual(rates);
    expect(of("blood-pressure")).toEqual([[131, 84, 99]]);
    expect(stored.map(({ origin, state }) => [origin, state])).toEqual(
      stored.map(() => ["sensor", stored[0]?.state]),
    );
    await phone.allConfirmed();
    await phone.go("Today");
    await phone.page.getByTestId("latest-heart-rate").getByText("66").waitFor();
    expect(phone.complaints).toEqual([]);
  });
});
