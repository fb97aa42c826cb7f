import { shortUuidOf, uuidOf } from "@siphms/gatt";
import {
  type Bluetooth,
  type Characteristic,
  type Peripheral,
  SensorError,
  type SensorErrorCode,
  type Service,
} from "./bluetooth.ts";

/** The part of the browser's interface that is used; TypeScript's own library has none of it. */
export interface WebBluetooth {
  getAvailability(): Promise<boolean>;
  getDevices?(): Promise<readonly WebDevice[]>;
  requestDevice(options: {
    readonly filters: readonly { readonly services: readonly string[] }[];
    readonly optionalServices: readonly string[];
  }): Promise<WebDevice>;
}

interface WebDevice extends EventTarget {
  readonly id: string;
  readonly name?: string | null;
  readonly gatt?: WebServer;
}

interface WebServer {
  connect(): Promise<unknown>;
  disconnect(): void;
  getPrimaryServices(): Promise<readonly WebService[]>;
}

interface WebService {
  readonly uuid: string;
  getCharacteristics(): Promise<readonly WebCharacteristic[]>;
}

interface WebCharacteristic extends EventTarget {
  readonly uuid: string;
  readonly value?: DataView | null;
  readonly properties: {
    readonly read: boolean;
    readonly notify: boolean;
    readonly indicate: boolean;
  };
  readValue(): Promise<DataView>;
  writeValueWithResponse(value: Uint8Array<ArrayBuffer>): Promise<void>;
  startNotifications(): Promise<unknown>;
}

/**
 * Makes the port of `navigator.bluetooth`.
 *
 * @param web - `undefined` where the browser has none: then everything rejects with `BLUETOOTH_UNSUPPORTED`.
 */
export function createWebBluetooth(web: WebBluetooth | undefined): Bluetooth {
  return {
    choose: async (services, optional) => {
      if (web === undefined) throw new SensorError("BLUETOOTH_UNSUPPORTED");
      if (!(await translated("BLUETOOTH_UNSUPPORTED", () => web.getAvailability())))
        throw new SensorError("BLUETOOTH_OFF");
      const options = {
        filters: services.map((service) => ({ services: [uuidOf(service)] })),
        optionalServices: [...services, ...optional].map(uuidOf),
      };
      return peripheralOf(await translated("CHOICE_CANCELLED", () => web.requestDevice(options)));
    },
    known: async () => {
      if (web === undefined) throw new SensorError("BLUETOOTH_UNSUPPORTED");
      const devices = await translated("BLUETOOTH_DENIED", async () => web.getDevices?.());
      return (devices ?? []).map(peripheralOf);
    },
  };
}

function peripheralOf(device: WebDevice): Peripheral {
  const gatt = (): WebServer => {
    if (device.gatt === undefined) throw new SensorError("BLUETOOTH_DENIED");
    return device.gatt;
  };
  return {
    id: device.id,
    name: device.name ?? undefined,
    connect: async () => {
      await translated("SENSOR_AWAY", async () => gatt().connect());
    },
    disconnect: () => device.gatt?.disconnect(),
    discover: () => translated("SENSOR_UNSUPPORTED", () => discover(gatt())),
    onDisconnected: (listener) => {
      device.addEventListener("gattserverdisconnected", listener);
      return () => device.removeEventListener("gattserverdisconnected", listener);
    },
  };
}

async function discover(server: WebServer): Promise<readonly Service[]> {
  const found: Service[] = [];
  for (const service of await server.getPrimaryServices()) {
    const uuid = shortUuidOf(service.uuid);
    if (uuid === undefined) continue;
    const all = await service.getCharacteristics();
    found.push({ uuid, characteristics: all.flatMap(characteristicsOf) });
  }
  return found;
}

function characteristicsOf(web: WebCharacteristic): readonly Characteristic[] {
  const uuid = shortUuidOf(web.uuid);
  if (uuid === undefined) return [];
  const { read, notify, indicate } = web.properties;
  const one: Characteristic = {
    uuid,
    canRead: read,
    canNotify: notify || indicate,
    read: () => translated("SENSOR_REFUSED", () => web.readValue()),
    write: (value) => translated("SENSOR_REFUSED", () => web.writeValueWithResponse(value)),
    subscribe: async (listener) => {
      web.addEventListener("characteristicvaluechanged", () => {
        // A copy: the browser puts the next value in the same place.
        if (web.value) listener(copyOf(web.value));
      });
      await translated("SENSOR_REFUSED", () => web.startNotifications());
    },
  };
  return [one];
}

/** @param notFound - What the browser's NotFoundError means here. */
async function translated<T>(notFound: SensorErrorCode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SensorError ? error : new SensorError(codeFor(error, notFound));
  }
}

const CODES: Readonly<Record<string, SensorErrorCode>> = {
  SecurityError: "BLUETOOTH_DENIED",
  NotAllowedError: "BLUETOOTH_DENIED",
  InvalidStateError: "SENSOR_DISCONNECTED",
  AbortError: "SENSOR_DISCONNECTED",
  NotSupportedError: "SENSOR_REFUSED",
};

function codeFor(error: unknown, notFound: SensorErrorCode): SensorErrorCode {
  if (!(error instanceof Error)) return notFound;
  // Chromium has these three in the message alone.
  if (/already in progress/i.test(error.message)) return "SENSOR_BUSY";
  if (/adapter (is )?not available/i.test(error.message)) return "BLUETOOTH_OFF";
  if (/disconnected/i.test(error.message)) return "SENSOR_DISCONNECTED";
  if (error.name === "NotFoundError") return notFound;
  return CODES[error.name] ?? (notFound === "SENSOR_REFUSED" ? "SENSOR_REFUSED" : "SENSOR_AWAY");
}

function copyOf({ buffer, byteOffset, byteLength }: DataView): DataView {
  return new DataView(buffer.slice(byteOffset, byteOffset + byteLength));
}
