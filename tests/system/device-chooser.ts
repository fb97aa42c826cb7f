import type { Page } from "playwright-core";

/**
 * Answers every list of Bluetooth devices that the page opens, as a person would: with the sensor of this address, as soon
 * as it is listed. An empty address closes the list.
 *
 * @param wanted - Asked each time.
 */
export async function answerChooser(page: Page, wanted: () => string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const answered = new Set<string>();
  // The same list comes again as devices show up; a second answer to it would be an error.
  cdp.on("DeviceAccess.deviceRequestPrompted", ({ id, devices }) => {
    if (answered.has(id)) return;
    const address = wanted();
    if (address === "") {
      answered.add(id);
      void cdp.send("DeviceAccess.cancelPrompt", { id });
      return;
    }
    const device = devices.find((one) => one.id === address);
    if (device === undefined) return;
    answered.add(id);
    void cdp.send("DeviceAccess.selectPrompt", { id, deviceId: device.id });
  });
  await cdp.send("DeviceAccess.enable");
}
