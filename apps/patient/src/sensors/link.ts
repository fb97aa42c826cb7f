import type { Clock } from "@siphms/device";
import {
  assumeClock,
  CHARACTERISTICS,
  clockErrorMs,
  decodeBatteryLevel,
  decodeBodySensorLocation,
  decodeCurrentTime,
  decodeRecordResponse,
  decodeText,
  filterAfter,
  GattError,
  measureClock,
  type Measurement,
  type MeterClock,
  type RecordFilter,
  readingsOf,
  resumeAfter,
  type SensorContact,
  type SensorDescription,
  SERVICES,
  type Transfer,
} from "@siphms/gatt";
import { type Characteristic, type Peripheral, SensorError, type Service } from "./bluetooth.ts";
import type { Collector } from "./collector.ts";
import type { Emit, SensorType } from "./events.ts";
import type { RememberedSensor } from "./memory.ts";
import { DECODERS, isGathered, SENSOR_TYPES } from "./profiles.ts";
import { RecordFetch } from "./record-fetch.ts";
import type { SensorSettings } from "./settings.ts";
import { within } from "./within.ts";

/** What a connection needs. */
export interface LinkParts {
  readonly peripheral: Peripheral;
  /** What is known of this sensor at the moment. */
  readonly remembered: () => RememberedSensor | undefined;
  readonly collector: Collector;
  readonly clock: Clock;
  /** The clock that stamps measurements. */
  readonly now: () => number;
  readonly utcOffsetMinutes: () => number;
  readonly settings: SensorSettings;
  readonly emit: Emit;
}

interface Held {
  readonly measurement: Measurement;
  readonly arrivedAt: number;
}

const C = CHARACTERISTICS;
const MAX_TEXT = 64;

/**
 * One connection to one sensor, from connecting to its end. Subscribes first and asks afterwards: a cuff sends its measurement
 * within a moment and is gone. What comes before the sensor's clock is known is held until then.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #fetch: RecordFetch;
  readonly #over = new AbortController();
  #held: Held[] | undefined = [];
  #meterClock: MeterClock | undefined;
  #description: SensorDescription = {};
  #bodySite: number | undefined;
  #contact: SensorContact | undefined;
  #notTaken = 0;
  #newest: { readonly sequence: number; readonly isKnown: boolean } | undefined;
  #wasWell = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#meterClock = assumeClock(parts.utcOffsetMinutes());
    this.#fetch = new RecordFetch(parts.clock, parts.settings.transferSilenceMs);
  }

  /** All was asked and answered: what ends it later is no failure in a row. */
  get wasWell(): boolean {
    return this.#wasWell;
  }

  /** Runs until the connection is gone or `signal` aborts; says why it ended. */
  async run(signal: AbortSignal): Promise<SensorError> {
    const { peripheral } = this.#parts;
    const end = () => this.#over.abort();
    const unlisten = peripheral.onDisconnected(end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const gone = new Promise<never>((_, reject) => {
      const fail = () => reject(new SensorError("SENSOR_DISCONNECTED"));
      if (this.#over.signal.aborted) fail();
      else this.#over.signal.addEventListener("abort", fail, { once: true });
    });
    try {
      return await Promise.race([this.#work(), gone]);
    } catch (error) {
      if (error instanceof SensorError) return error;
      throw error;
    } finally {
      unlisten();
      signal.removeEventListener("abort", end);
      end();
      // In this order: the last record may be among the held ones.
      this.#release();
      this.#fetch.feed({ kind: "lost" });
      peripheral.disconnect();
    }
  }

  async #work(): Promise<never> {
    const { clock, peripheral, settings } = this.#parts;
    await within(clock, settings.connectTimeoutMs, peripheral.connect());
    const services = await this.#operate(() => peripheral.discover());
    const types = services.flatMap(({ uuid }) => SENSOR_TYPES.get(uuid) ?? []);
    if (types.length === 0) throw new SensorError("SENSOR_UNSUPPORTED");
    await this.#subscribeAll(services);
    this.#tellState(types);
    await this.#readAll(services);
    this.#release();
    await this.#fetchRecords(find(services, SERVICES.glucose, C.recordAccessControlPoint));
    this.#wasWell = true;
    return new Promise<never>(() => undefined);
  }

  #tellState(types: readonly SensorType[]): void {
    const { emit, peripheral } = this.#parts;
    emit({ kind: "state", sensor: peripheral.id, state: { kind: "measuring", types } });
  }

  async #subscribeAll(services: readonly Service[]): Promise<void> {
    let measuring = 0;
    for (const { uuid, characteristics } of services) {
      for (const characteristic of characteristics.filter(({ canNotify }) => canNotify)) {
        const listener = this.#listenerOf(uuid, characteristic.uuid);
        if (listener === undefined) continue;
        await this.#operate(() =>
          characteristic.subscribe((value) => {
            if (!this.#over.signal.aborted) listener(value);
          }),
        );
        if (DECODERS.has(characteristic.uuid)) measuring += 1;
      }
    }
    if (measuring === 0) throw new SensorError("SENSOR_UNSUPPORTED");
  }

  #listenerOf(service: number, uuid: number): ((value: DataView) => void) | undefined {
    if (uuid === C.recordAccessControlPoint && service === SERVICES.glucose)
      return (value) => this.#takeResponse(value);
    if (uuid === C.batteryLevel) return (value) => this.#takeBattery(value);
    const decode = DECODERS.get(uuid);
    if (decode === undefined || !SENSOR_TYPES.has(service)) return undefined;
    return (value) => {
      const decoded = this.#read(uuid, () => decode(value));
      if (decoded === undefined) {
        if (uuid === C.glucoseMeasurement) this.#fetch.feed({ kind: "unreadable" });
      } else if (decoded.type === "cuff-pressure" || decoded.type === "intermediate-temperature")
        this.#parts.emit({ kind: "progress", sensor: this.#id, progress: decoded });
      else this.#arrive({ measurement: decoded, arrivedAt: this.#parts.now() });
    };
  }

  get #id(): string {
    return this.#parts.peripheral.id;
  }

  /** Decodes; a value that its characteristic does not allow becomes an event without it. */
  #read<T>(characteristic: number, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof GattError)) throw error;
      this.#parts.emit({ kind: "malformed", sensor: this.#id, characteristic, code: error.code });
      return undefined;
    }
  }

  #arrive(held: Held): void {
    if (this.#held === undefined) this.#take(held);
    else this.#held.push(held);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const one of held) this.#take(one);
  }

  #take({ measurement, arrivedAt }: Held): void {
    const { collector, emit, remembered } = this.#parts;
    const sensor = this.#id;
    const user = remembered()?.user;
    const { series, withheld, time, repeatKey } = readingsOf(measurement, {
      arrivedAt,
      sensor: this.#descriptionFor(measurement),
      ...(this.#meterClock === undefined ? {} : { clock: this.#meterClock }),
      ...(user === undefined ? {} : { user }),
    });
    if (measurement.type === "heart-rate") this.#tellContact(measurement.contact);
    if (withheld.length > 0) emit({ kind: "withheld", sensor, withheld, time });
    let taken: ReturnType<Collector["take"]> | undefined;
    if (series.length > 0) {
      taken = collector.take({
        sensor,
        series,
        repeatKey,
        isGathered: isGathered(measurement),
      });
      if (taken === "not-taken") this.#notTaken += 1;
      if (taken === "taken") emit({ kind: "reading", sensor, series, time });
      else emit({ kind: taken, sensor });
    }
    if (measurement.type === "glucose") {
      this.#newest = { sequence: measurement.sequence, isKnown: taken === "repeated" };
      this.#fetch.feed({ kind: "record", sequence: measurement.sequence });
    }
  }

  #descriptionFor({ type }: Measurement): SensorDescription {
    if (type !== "heart-rate" || this.#bodySite === undefined) return this.#description;
    return { ...this.#description, bodySite: this.#bodySite };
  }

  #tellContact(contact: SensorContact): void {
    if (contact === this.#contact) return;
    this.#contact = contact;
    this.#parts.emit({ kind: "contact", sensor: this.#id, contact });
  }

  #takeBattery(value: DataView): void {
    const percent = this.#read(C.batteryLevel, () => decodeBatteryLevel(value));
    if (percent === undefined || percent === this.#description.batteryPercent) return;
    this.#description = { ...this.#description, batteryPercent: percent };
    this.#parts.emit({ kind: "battery", sensor: this.#id, percent });
  }

  #takeResponse(value: DataView): void {
    const response = this.#read(C.recordAccessControlPoint, () => decodeRecordResponse(value));
    if (response !== undefined) this.#fetch.feed({ kind: "response", response });
  }

  async #readAll(services: readonly Service[]): Promise<void> {
    // The clock first: a sensor that hangs up early should at least have told that.
    await this.#readClock(find(services, SERVICES.currentTime, C.currentTime));
    const site = find(services, SERVICES.heartRate, C.bodySensorLocation);
    this.#bodySite = await this.#ask(site, decodeBodySensorLocation);
    const battery = find(services, SERVICES.battery, C.batteryLevel);
    const level = await this.#ask(battery, (value) => value);
    if (level !== undefined) this.#takeBattery(level);
    const texts = [
      ["manufacturer", C.manufacturerName],
      ["model", C.modelNumber],
      ["firmware", C.firmwareRevision],
    ] as const;
    for (const [name, uuid] of texts) {
      const text = await this.#ask(find(services, SERVICES.deviceInformation, uuid), decodeText);
      if (text !== undefined && text !== "")
        this.#description = { ...this.#description, [name]: text.slice(0, MAX_TEXT) };
    }
  }

  async #readClock(characteristic: Characteristic | undefined): Promise<void> {
    const { clock, emit, now, settings, utcOffsetMinutes } = this.#parts;
    const askedAt = now();
    const begun = clock.monotonic();
    const shown = await this.#ask(characteristic, decodeCurrentTime);
    if (shown === undefined) return;
    const readAt = Math.round(askedAt + (clock.monotonic() - begun) / 2);
    this.#meterClock = measureClock(shown.localMs, readAt);
    if (this.#meterClock === undefined) {
      emit({ kind: "clock", sensor: this.#id, error: "unset" });
      return;
    }
    const error = clockErrorMs(this.#meterClock, utcOffsetMinutes());
    if (Math.abs(error) > settings.clockToleranceMs)
      emit({ kind: "clock", sensor: this.#id, error });
  }

  /** Reads what a sensor may have or not; only the end of the connection is an error. */
  async #ask<T>(
    characteristic: Characteristic | undefined,
    decode: (value: DataView) => T,
  ): Promise<T | undefined> {
    if (characteristic?.canRead !== true) return undefined;
    try {
      const value = await this.#operate(() => characteristic.read());
      return this.#read(characteristic.uuid, () => decode(value));
    } catch (error) {
      const isRefused = error instanceof SensorError && error.code === "SENSOR_REFUSED";
      if (isRefused && !this.#over.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Fetches what a meter has stored since the last time, and finds out whether its count began anew. */
  async #fetchRecords(control: Characteristic | undefined): Promise<void> {
    if (control === undefined) return;
    const last = this.#parts.remembered()?.lastSequence;
    const after = await this.#transfer(control, filterAfter(last));
    if (last === undefined || after.outcome !== "complete" || after.records > 0) return;
    this.#newest = undefined;
    await this.#transfer(control, { kind: "newest" });
    if (!this.#isBegunAnew(last)) return;
    await this.#transfer(control, { kind: "all" });
  }

  /** A meter whose newest number is lower than one it had before, or that gave that number to another measurement. */
  #isBegunAnew(last: number): boolean {
    if (this.#newest === undefined) return false;
    const { sequence, isKnown } = this.#newest;
    return sequence < last || (sequence === last && !isKnown);
  }

  async #transfer(control: Characteristic, filter: RecordFilter): Promise<Transfer> {
    const { collector, emit } = this.#parts;
    this.#notTaken = 0;
    const transfer = await this.#fetch.run(filter, (value) =>
      this.#operate(() => control.write(value)),
    );
    const { outcome, records } = transfer;
    emit({ kind: "transfer", sensor: this.#id, records, outcome });
    const resumeFrom = resumeAfter(transfer);
    if (this.#notTaken === 0 && resumeFrom !== undefined && filter.kind !== "newest")
      collector.mark(this.#id, resumeFrom);
    // What the meter keeps back is fetched over another connection.
    if (outcome === "lost") throw new SensorError("SENSOR_AWAY");
    if (outcome === "failed") throw new SensorError("SENSOR_REFUSED");
    return transfer;
  }

  /** One operation after the other, each in its time; a stack that is busy is asked again. */
  async #operate<T>(operation: () => Promise<T>): Promise<T> {
    const { busyTries, busyWaitMs, operationTimeoutMs } = this.#parts.settings;
    const { clock } = this.#parts;
    for (let tries = 1; ; tries++) {
      if (this.#over.signal.aborted) throw new SensorError("SENSOR_DISCONNECTED");
      try {
        return await within(clock, operationTimeoutMs, operation());
      } catch (error) {
        const isBusy = error instanceof SensorError && error.code === "SENSOR_BUSY";
        if (!isBusy || tries >= busyTries) throw error;
        await clock.sleep(busyWaitMs, this.#over.signal);
      }
    }
  }
}

function find(
  services: readonly Service[],
  service: number,
  uuid: number,
): Characteristic | undefined {
  return services
    .filter((one) => one.uuid === service)
    .flatMap(({ characteristics }) => characteristics)
    .find((one) => one.uuid === uuid);
}
