import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SensorPage } from "../bluetooth-sim/sensor-page.ts";
import { bloodPressureValue, CUFF, HEART, heartRateValue } from "../bluetooth-sim/sensors.ts";
import { startBrowser } from "../system/browser.ts";
import {
  CONNECTION_FAILED,
  EmulatedBluetooth,
  NOT_PERMITTED,
} from "../system/emulated-bluetooth.ts";

describe("Chromium's own emulation of Bluetooth", () => {
  let browser: Browser;
  let page: SensorPage;
  let bluetooth: EmulatedBluetooth;

  beforeAll(async () => {
    browser = await startBrowser({ bluetooth: true });
    bluetooth = await EmulatedBluetooth.enable(browser);
    await bluetooth.add(HEART);
    await bluetooth.add(CUFF);
    const opened = await browser.newPage();
    await EmulatedBluetooth.prepare(opened);
    page = await SensorPage.open(opened);
  });
  afterAll(() => browser.close());

  it("refuses a connection, and allows the next one", async () => {
    bluetooth.fail("connection", CONNECTION_FAILED);
    expect(await page.pick(HEART)).toBe("NetworkError");
    bluetooth.fail("connection", 0);
    expect(await page.pick(HEART)).toBe(HEART.name);
  });

  it("has a page see a value of what it subscribed to", async () => {
    const value = heartRateValue(72);
    await bluetooth.notify(page.page, "2a37", value);
    await page.seen(`2a37 ${value}`);
    expect(await page.pick(CUFF)).toBe(CUFF.name);
    const pressure = bloodPressureValue([120, 80, 100]);
    await bluetooth.notify(page.page, "2a35", pressure);
    await page.seen(`2a35 ${pressure}`);
  });

  it("drops a connection, and goes on after the next one", async () => {
    await page.pick(HEART);
    await bluetooth.disconnect(HEART.address);
    await page.seen("disconnected");
    await page.run("open()");
    const value = heartRateValue(90);
    await bluetooth.notify(page.page, "2a37", value);
    await page.seen(`2a37 ${value}`);
  });

  it("refuses a subscription", async () => {
    await bluetooth.disconnect(HEART.address);
    await page.seen("disconnected");
    await bluetooth.add(HEART);
    bluetooth.fail("subscribe", NOT_PERMITTED);
    expect(await page.pick(HEART)).toBe("NotSupportedError");
    bluetooth.fail("subscribe", 0);
    expect(await page.pick(HEART)).toBe(HEART.name);
  });

  it("is away when it is taken away", async () => {
    await bluetooth.plug(false);
    expect(await page.run("navigator.bluetooth.getAvailability()")).toBe(false);
    await bluetooth.plug(true);
    expect(await page.run("navigator.bluetooth.getAvailability()")).toBe(true);
  });
});
