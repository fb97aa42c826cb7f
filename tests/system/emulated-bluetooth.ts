import type { Browser, CDPSession, Page } from "playwright-core";
import type { SimPeripheral } from "../bluetooth-sim/protocol.ts";

/** What a page asks of a sensor, and where an answer can be an error. */
export type EmulatedOperation = "connection" | "discovery" | "read" | "subscribe" | "write";

/** Why a connection may fail: of the Bluetooth Core Specification, volume 1 part F, section 1.3. */
export const CONNECTION_FAILED = 0x3e;
/** A read or write that the sensor does not allow: Core Specification, volume 3 part F, section 3.4.1.1. */
export const NOT_PERMITTED = 0x02;

interface Emulated {
  readonly address: string;
  readonly uuid: string;
  value: string;
}

/**
 * Chromium's own emulation of Bluetooth, without another process: for errors and disconnects.
 *
 * It has no way to send a notification. {@link notify} has the page read the characteristic and answers with the value:
 * the page sees the same event. For true notifications there is `tests/bluetooth-sim`.
 */
export class EmulatedBluetooth {
  readonly #cdp: CDPSession;
  readonly #peripherals = new Map<string, SimPeripheral>();
  readonly #characteristics = new Map<string, Emulated>();
  readonly #failing = new Map<EmulatedOperation, number>();

  private constructor(cdp: CDPSession) {
    this.#cdp = cdp;
  }

  /** Turns it on for a browser that was started with `bluetooth`. */
  static async enable(browser: Browser): Promise<EmulatedBluetooth> {
    // The domain is the browser's: a page's session does not have it.
    const cdp = await browser.newBrowserCDPSession();
    const emulated = new EmulatedBluetooth(cdp);
    cdp.on("BluetoothEmulation.gattOperationReceived", ({ address, type }) => {
      void emulated.#answer(address, type);
    });
    cdp.on("BluetoothEmulation.characteristicOperationReceived", ({ characteristicId, type }) => {
      void emulated.#answerCharacteristic(characteristicId, type);
    });
    await cdp.send("BluetoothEmulation.enable", { state: "powered-on", leSupported: true });
    return emulated;
  }

  /** Before a page is opened: keeps hold of what it subscribes to, for {@link notify}. */
  static async prepare(page: Page): Promise<void> {
    await page.addInitScript(keepSubscribed);
  }

  /** Puts a sensor in range; after a disconnection again, where it is to be chosen anew. */
  async add(peripheral: SimPeripheral): Promise<void> {
    this.#peripherals.set(peripheral.address, peripheral);
    await this.#cdp.send("BluetoothEmulation.simulatePreconnectedPeripheral", {
      address: peripheral.address,
      name: peripheral.name,
      manufacturerData: [],
      knownServiceUuids: peripheral.services.map(({ uuid }) => fullUuid(uuid)),
    });
  }

  /** Takes this machine's Bluetooth away, or brings it back. */
  async plug(isThere: boolean): Promise<void> {
    const state = isThere ? "powered-on" : "absent";
    await this.#cdp.send("BluetoothEmulation.setSimulatedCentralState", { state });
  }

  /** From now on an operation fails with this code; 0: it succeeds again. */
  fail(operation: EmulatedOperation, code: number): void {
    this.#failing.set(operation, code);
  }

  /** The sensor drops the connection. */
  async disconnect(address: string): Promise<void> {
    await this.#cdp.send("BluetoothEmulation.simulateGATTDisconnection", { address });
  }

  /** Has the page see a value of a characteristic to which it has subscribed; in hex. */
  async notify(page: Page, characteristic: string, value: string): Promise<void> {
    for (const emulated of this.#characteristics.values()) {
      if (emulated.uuid === characteristic) emulated.value = value;
    }
    await page.evaluate(readSubscribed, fullUuid(characteristic));
  }

  async #answer(address: string, type: "connection" | "discovery"): Promise<void> {
    const code = this.#failing.get(type) ?? 0;
    if (type === "discovery" && code === 0) await this.#build(address);
    await this.#cdp.send("BluetoothEmulation.simulateGATTOperationResponse", {
      ...{ address, type, code },
    });
  }

  /** The services have to be there before the discovery is answered; a disconnection takes them away. */
  async #build(address: string): Promise<void> {
    const peripheral = this.#peripherals.get(address);
    if (peripheral === undefined) return;
    for (const [id, old] of this.#characteristics) {
      if (old.address === address) this.#characteristics.delete(id);
    }
    for (const service of peripheral.services) {
      const serviceUuid = fullUuid(service.uuid);
      const added = { address, serviceUuid };
      const { serviceId } = await this.#cdp.send("BluetoothEmulation.addService", added);
      for (const { uuid, flags, value = "" } of service.characteristics) {
        const notifies = flags.includes("notify") || flags.includes("indicate");
        const { characteristicId } = await this.#cdp.send("BluetoothEmulation.addCharacteristic", {
          serviceId,
          characteristicUuid: fullUuid(uuid),
          properties: {
            // What notifies is read by notify().
            read: flags.includes("read") || notifies,
            write: flags.includes("write"),
            notify: flags.includes("notify"),
            indicate: flags.includes("indicate"),
          },
        });
        this.#characteristics.set(characteristicId, { address, uuid, value });
        if (!notifies) continue;
        const descriptorUuid = fullUuid("2902");
        await this.#cdp.send("BluetoothEmulation.addDescriptor", {
          ...{ characteristicId, descriptorUuid },
        });
      }
    }
  }

  async #answerCharacteristic(
    characteristicId: string,
    type: "read" | "write" | "subscribe-to-notifications" | "unsubscribe-from-notifications",
  ): Promise<void> {
    const operation = type === "read" || type === "write" ? type : "subscribe";
    const code = this.#failing.get(operation) ?? 0;
    const value = this.#characteristics.get(characteristicId)?.value ?? "";
    const data = Buffer.from(value, "hex").toString("base64");
    await this.#cdp.send("BluetoothEmulation.simulateCharacteristicOperationResponse", {
      ...{ characteristicId, type, code },
      ...(type === "read" && code === 0 ? { data } : {}),
    });
  }
}

function fullUuid(uuid: string): string {
  return `0000${uuid}-0000-1000-8000-00805f9b34fb`;
}

/** Runs in the page. */
const keepSubscribed = `(() => {
  if (!("BluetoothRemoteGATTCharacteristic" in self)) return;
  const kept = new Map();
  const { prototype } = BluetoothRemoteGATTCharacteristic;
  const start = prototype.startNotifications;
  prototype.startNotifications = function () {
    kept.set(this.uuid, this);
    return start.call(this);
  };
  Object.defineProperty(self, "unsafeSubscribed", { value: kept });
})()`;

/** Runs in the page. */
async function readSubscribed(uuid: string): Promise<void> {
  const kept: unknown = Reflect.get(globalThis, "unsafeSubscribed");
  if (!(kept instanceof Map)) throw new Error("the page was not prepared");
  const characteristic = kept.get(uuid) as { readValue(): Promise<unknown> } | undefined;
  if (characteristic === undefined) throw new Error(`the page has not subscribed to ${uuid}`);
  await characteristic.readValue();
}
