import { uuidOf } from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { createWebBluetooth, type WebBluetooth } from "./web-bluetooth.ts";

/** A browser with one strap whose `startNotifications` does what the test says. */
function browser(start: () => Promise<void> = () => Promise.resolve()) {
  const characteristic = Object.assign(new EventTarget(), {
    uuid: uuidOf(0x2a37),
    value: undefined as DataView | undefined,
    properties: { read: false, notify: true, indicate: false },
    readValue: () => Promise.reject(named("NotSupportedError")),
    writeValueWithResponse: () => Promise.resolve(),
    startNotifications: start,
  });
  const service = {
    uuid: uuidOf(0x180d),
    getCharacteristics: () => Promise.resolve([characteristic]),
  };
  const device = Object.assign(new EventTarget(), {
    id: "x",
    name: null,
    gatt: {
      connect: () => Promise.resolve(),
      disconnect: () => undefined,
      getPrimaryServices: () =>
        Promise.resolve([{ ...service, uuid: "6e400001-b5a3-f393-e0a9-e50e24dcca9e" }, service]),
    },
  });
  const web: WebBluetooth = {
    getAvailability: () => Promise.resolve(true),
    requestDevice: () => Promise.resolve(device),
  };
  return { web, device, characteristic };
}

function named(name: string, message = ""): Error {
  return new DOMException(message, name);
}

async function chosen(parts: ReturnType<typeof browser>) {
  const peripheral = await createWebBluetooth(parts.web).choose([0x180d], [0x180f]);
  const [service] = await peripheral.discover();
  return { peripheral, service, characteristic: service?.characteristics[0] };
}

describe("the browser's Bluetooth", () => {
  it("that is missing is unsupported, and knows no sensor", async () => {
    const none = createWebBluetooth(undefined);
    await expect(none.choose([], [])).rejects.toMatchObject({ code: "BLUETOOTH_UNSUPPORTED" });
    await expect(none.known()).rejects.toMatchObject({ code: "BLUETOOTH_UNSUPPORTED" });
  });

  it("without getDevices knows no sensor, and that is no error", async () => {
    expect(await createWebBluetooth(browser().web).known()).toEqual([]);
  });

  it("that is switched off says so without opening a list", async () => {
    const { web } = browser();
    const off = { ...web, getAvailability: () => Promise.resolve(false) };
    await expect(createWebBluetooth(off).choose([], [])).rejects.toMatchObject({
      code: "BLUETOOTH_OFF",
    });
  });

  it.each([
    ["NotFoundError", "User cancelled the requestDevice() chooser.", "CHOICE_CANCELLED"],
    ["NotFoundError", "Bluetooth adapter not available.", "BLUETOOTH_OFF"],
    ["SecurityError", "", "BLUETOOTH_DENIED"],
    ["NotAllowedError", "", "BLUETOOTH_DENIED"],
  ])("that refuses a choice with %s %s is translated", async (name, message, code) => {
    const { web } = browser();
    const refusing = { ...web, requestDevice: () => Promise.reject(named(name, message)) };
    await expect(createWebBluetooth(refusing).choose([], [])).rejects.toMatchObject({ code });
  });

  it.each([
    ["NetworkError", "GATT operation already in progress.", "SENSOR_BUSY"],
    [
      "NetworkError",
      "GATT Server is disconnected. Cannot perform GATT operations.",
      "SENSOR_DISCONNECTED",
    ],
    ["NotSupportedError", "GATT operation failed for unknown reason.", "SENSOR_REFUSED"],
    ["InvalidStateError", "", "SENSOR_DISCONNECTED"],
  ])("that refuses a subscription with %s %s is translated", async (name, message, code) => {
    const { characteristic } = await chosen(browser(() => Promise.reject(named(name, message))));
    await expect(characteristic?.subscribe(() => undefined)).rejects.toMatchObject({ code });
  });

  it("hands on a value that comes before startNotifications is answered, as a copy of that value alone", async () => {
    const memory = new Uint8Array([9, 6, 70, 9]);
    const parts = browser(() => {
      parts.characteristic.value = new DataView(memory.buffer, 1, 2);
      parts.characteristic.dispatchEvent(new Event("characteristicvaluechanged"));
      return Promise.resolve();
    });
    const { characteristic } = await chosen(parts);
    const values: DataView[] = [];
    await characteristic?.subscribe((value) => values.push(value));
    memory.fill(0);
    expect(values.map(({ buffer }) => [...new Uint8Array(buffer)])).toEqual([[6, 70]]);
  });

  it("leaves services of a manufacturer's own out, and tells a lost link until nobody listens", async () => {
    const parts = browser();
    const { peripheral, service } = await chosen(parts);
    expect(service?.uuid).toBe(0x180d);
    let lost = 0;
    const unlisten = peripheral.onDisconnected(() => lost++);
    parts.device.dispatchEvent(new Event("gattserverdisconnected"));
    unlisten();
    parts.device.dispatchEvent(new Event("gattserverdisconnected"));
    expect(lost).toBe(1);
  });
});
