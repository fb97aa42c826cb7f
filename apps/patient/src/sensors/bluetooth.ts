/** What can be wrong with Bluetooth or one sensor; no code and no message ever carries a value. */
export type SensorErrorCode =
  | "BLUETOOTH_UNSUPPORTED"
  | "BLUETOOTH_DENIED"
  | "BLUETOOTH_OFF"
  | "CHOICE_CANCELLED"
  | "SENSOR_AWAY"
  | "SENSOR_BUSY"
  | "SENSOR_DISCONNECTED"
  | "SENSOR_REFUSED"
  | "SENSOR_UNSUPPORTED";

/** The one error of the sensors' side. Without a cause on purpose: a browser's message is not ours to vouch for. */
export class SensorError extends Error {
  override readonly name = "SensorError";
  readonly code: SensorErrorCode;

  constructor(code: SensorErrorCode) {
    super(code);
    this.code = code;
  }
}

/** A characteristic of a connected sensor; of no use after the connection's end. */
export interface Characteristic {
  /** 16-bit UUID. */
  readonly uuid: number;
  readonly canRead: boolean;
  /** It notifies or indicates. */
  readonly canNotify: boolean;
  read(): Promise<DataView>;
  /** With an answer of the sensor. */
  write(value: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Hands every value to `listener`, also those that come before the promise is resolved. */
  subscribe(listener: (value: DataView) => void): Promise<void>;
}

/** A service with a 16-bit UUID. */
export interface Service {
  readonly uuid: number;
  readonly characteristics: readonly Characteristic[];
}

/** A sensor that the patient allowed this page to use. */
export interface Peripheral {
  /** The browser's, for this origin; the same after a reload. */
  readonly id: string;
  readonly name: string | undefined;
  connect(): Promise<void>;
  /** Also ends an attempt to connect; harmless without a connection. */
  disconnect(): void;
  /** The services of this connection that the page may use. */
  discover(): Promise<readonly Service[]>;
  onDisconnected(listener: () => void): () => void;
}

/**
 * Bluetooth as the engine needs it. Every promise rejects with {@link SensorError} and nothing else.
 */
export interface Bluetooth {
  /** Opens the browser's list; needs a click. @throws {SensorError} `CHOICE_CANCELLED` when nothing was chosen. */
  choose(services: readonly number[], optional: readonly number[]): Promise<Peripheral>;
  /** What the patient allowed earlier; empty where the browser cannot tell. */
  known(): Promise<readonly Peripheral[]>;
}
