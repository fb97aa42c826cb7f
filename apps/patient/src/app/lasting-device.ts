import type { Bytes, CborMap } from "@siphms/cose";
import {
  DeviceError,
  type Clock,
  type Device,
  type DeviceEvent,
  type DeviceStatus,
  type EnrolmentResult,
  type Inspection,
  type OutboxItem,
  type RecordOptions,
  type RequestOptions,
  type RunOptions,
} from "@siphms/device";
import type {
  HistoryParameters,
  HistoryResult,
  Notice,
  PatientDevice,
  Profile,
  Series,
} from "@siphms/messages";

/** Between tries to open the device anew. */
const REOPEN_AFTER_MS = 5_000;

/** What {@link LastingDevice} needs. */
export interface LastingDevicePorts {
  readonly clock: Clock;
  /** Opens the engine on the store. @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`. */
  readonly open: () => Promise<Device>;
  /** Rejects as long as nothing can be written. */
  readonly probe: () => Promise<void>;
}

/**
 * A device that outlives failures of its store.
 *
 * After `STORE_FAILED` an engine takes no more changes: what it holds in memory may differ from what is stored, and only
 * opening it anew finds out. This object stays, and {@link run} puts a fresh engine behind it as soon as the store takes
 * writes again. Until then `record` rejects, so that no reading is taken that could not be kept.
 */
export class LastingDevice implements Device {
  readonly #ports: LastingDevicePorts;
  readonly #listeners = new Set<(event: DeviceEvent) => void>();
  #device: Device;
  #stopListening: () => void;
  #failed = new AbortController();
  #wake = new AbortController();

  private constructor(ports: LastingDevicePorts, device: Device) {
    this.#ports = ports;
    this.#device = device;
    this.#stopListening = device.subscribe(this.#emit);
  }

  /** Opens the first engine. @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`. */
  static async open(ports: LastingDevicePorts): Promise<LastingDevice> {
    return new LastingDevice(ports, await ports.open());
  }

  status(): DeviceStatus {
    return this.#device.status();
  }

  inspect(): Inspection {
    return this.#device.inspect();
  }

  items(): readonly OutboxItem[] {
    return this.#device.items();
  }

  subscribe(listener: (event: DeviceEvent) => void): () => void {
    const own = (event: DeviceEvent): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  now(): number {
    return this.#device.now();
  }

  enrol(
    link: string,
    options: { readonly deviceName: string; readonly signal?: AbortSignal },
  ): Promise<EnrolmentResult> {
    return this.#watched((device) => device.enrol(link, options));
  }

  resumeEnrolment(options?: { readonly signal?: AbortSignal }): Promise<EnrolmentResult> {
    return this.#watched((device) => device.resumeEnrolment(options));
  }

  record(series: readonly Series[], options?: RecordOptions): Promise<readonly OutboxItem[]> {
    return this.#watched((device) => device.record(series, options));
  }

  bookmark(): Promise<Bytes | undefined> {
    return this.#watched((device) => device.bookmark());
  }

  requeue(messageId: Bytes): Promise<void> {
    return this.#watched((device) => device.requeue(messageId));
  }

  /** As an engine's, but `STORE_FAILED` is waited out. @throws {DeviceError} The other final codes. */
  async run(options: RunOptions = {}): Promise<void> {
    const { signal } = options;
    while (signal?.aborted !== true) {
      const failed = this.#failed.signal;
      const both = signal === undefined ? failed : AbortSignal.any([signal, failed]);
      try {
        await this.#device.run({ ...options, signal: both });
      } catch (error) {
        if (!isStoreFailed(error)) throw error;
        this.#failed.abort();
      }
      if (!failed.aborted) return;
      await this.#reopen(signal);
    }
  }

  retryNow(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
    this.#device.retryNow();
  }

  request(method: string, parameters: CborMap, options?: RequestOptions): Promise<CborMap> {
    return this.#watched((device) => device.request(method, parameters, options));
  }

  profile(options?: RequestOptions): Promise<Profile> {
    return this.#watched((device) => device.profile(options));
  }

  history(parameters: HistoryParameters, options?: RequestOptions): Promise<HistoryResult> {
    return this.#watched((device) => device.history(parameters, options));
  }

  devices(options?: RequestOptions): Promise<readonly PatientDevice[]> {
    return this.#watched((device) => device.devices(options));
  }

  revokeDevice(kid: Bytes, options?: RequestOptions): Promise<void> {
    return this.#watched((device) => device.revokeDevice(kid, options));
  }

  notices(): readonly Notice[] {
    return this.#device.notices();
  }

  putAuditAlarmAside(): Promise<void> {
    return this.#watched((device) => device.putAuditAlarmAside());
  }

  acknowledge(messageIds: readonly Bytes[]): Promise<void> {
    return this.#watched((device) => device.acknowledge(messageIds));
  }

  readonly #emit = (event: DeviceEvent): void => {
    for (const listener of [...this.#listeners]) listener(event);
  };

  async #watched<T>(work: (device: Device) => Promise<T>): Promise<T> {
    const failed = this.#failed;
    try {
      return await work(this.#device);
    } catch (error) {
      // Of this engine, not of one that came after it.
      if (isStoreFailed(error)) failed.abort();
      throw error;
    }
  }

  async #reopen(signal: AbortSignal | undefined): Promise<void> {
    while (signal?.aborted !== true) {
      try {
        await this.#ports.probe();
        const device = await this.#ports.open();
        this.#stopListening();
        this.#device = device;
        this.#failed = new AbortController();
        this.#stopListening = device.subscribe(this.#emit);
        // Whoever shows the queue looks at the fresh engine's.
        this.#emit({ type: "state", state: device.status().state });
        return;
      } catch (error) {
        if (error instanceof DeviceError && error.code === "STORE_CORRUPT") throw error;
      }
      const wake = this.#wake.signal;
      const both = signal === undefined ? wake : AbortSignal.any([signal, wake]);
      await this.#ports.clock.sleep(REOPEN_AFTER_MS, both);
    }
  }
}

function isStoreFailed(error: unknown): boolean {
  return error instanceof DeviceError && error.code === "STORE_FAILED";
}
