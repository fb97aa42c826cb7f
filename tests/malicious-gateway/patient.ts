import { vi } from "vitest";
import {
  createUnsafeMemoryStore,
  openDevice,
  type Device,
  type DeviceEvent,
  type Http,
  type OutboxItem,
} from "@siphms/device";
import { createNodeCrypto } from "@siphms/node-crypto";
import type { HospitalProcess } from "./hospital-process.ts";
import { createPushedHttp, PushedClock } from "./pushed-clock.ts";

const LIMIT_MS = 60_000;
const FIRST_VALUE = 40;
let patients = 0;

/** A patient with the real engine on an empty store, and a memory of what was measured. */
export class Patient {
  readonly mrn: string;
  readonly device: Device;
  readonly clock: PushedClock;
  readonly events: DeviceEvent[] = [];
  /** What was measured, each value once. */
  readonly values: number[] = [];
  readonly #asked: readonly URL[];
  #running: Promise<void> | undefined;
  #stop = new AbortController();

  private constructor(parts: {
    mrn: string;
    device: Device;
    clock: PushedClock;
    asked: readonly URL[];
  }) {
    this.mrn = parts.mrn;
    this.device = parts.device;
    this.clock = parts.clock;
    this.#asked = parts.asked;
    this.device.subscribe((event) => this.events.push(event));
  }

  /** The session in which the device talked last, as it stands in addresses. */
  get sid(): string {
    const url = this.#asked.findLast(({ pathname }) => pathname.startsWith("/v1/sessions/"));
    return url?.pathname.split("/")[3] ?? "";
  }

  /** How many envelopes of its mailbox the device has acknowledged in this session, where the gateway counts them. */
  get readCount(): number {
    const question = this.#asked.findLast(({ pathname }) => pathname.endsWith("/mailbox"));
    return Number(question?.searchParams.get("after") ?? 0);
  }

  /** Somebody with a new phone and no invitation yet. */
  static async create(): Promise<Patient> {
    const clock = new PushedClock();
    const crypto = createNodeCrypto();
    const store = createUnsafeMemoryStore();
    const asked: URL[] = [];
    const send = createPushedHttp(clock);
    const http: Http = (request) => {
      asked.push(new URL(request.url));
      return send(request);
    };
    const device = await openDevice(
      { clock, crypto, store, http },
      { storeKey: crypto.randomBytes(32) },
    );
    patients += 1;
    return new Patient({ mrn: `FAULT-${String(patients)}`, device, clock, asked });
  }

  /** Enrols, has staff compare the code, and goes on until the device knows that it is confirmed. */
  async enrol(hospital: HospitalProcess, link: string): Promise<void> {
    const result = await this.device.enrol(link, { deviceName: "phone" });
    if (result.kind !== "pending") throw new Error("confirmed before staff did");
    await hospital.confirm(this.mrn, result.code);
    await this.device.run({ until: "active", signal: AbortSignal.timeout(LIMIT_MS) });
  }

  /** Measures one heart rate, another one each time. */
  async measure(): Promise<OutboxItem> {
    const value = FIRST_VALUE + this.values.length;
    this.values.push(value);
    const series = {
      kind: 1,
      start: this.device.now(),
      step: 0,
      values: [value],
      origin: 0,
    } as const;
    const [item] = await this.device.record([series]);
    if (item === undefined) throw new Error("nothing was recorded");
    return item;
  }

  /** Lets the engine work in the background until {@link stop}. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#stop = new AbortController();
    this.#running = this.device.run({ signal: this.#stop.signal });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
  }

  /** Waits no longer between tries, until this is so. */
  async triesUntil(condition: () => boolean, what: string): Promise<void> {
    await until(() => {
      this.device.retryNow();
      return condition();
    }, what);
  }

  /** Events of one type, in their order. */
  heard<Type extends DeviceEvent["type"]>(type: Type): Extract<DeviceEvent, { type: Type }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      DeviceEvent,
      { type: Type }
    >[];
  }

  /** All that the device has shown in answer to what the gateway did: items kept, sessions ended, problems. */
  reactions(): string[] {
    return this.events.flatMap((event) => {
      if (event.type === "kept") return [`kept ${event.reason}`];
      if (event.type === "session-ended") return [event.reason];
      return event.type === "problem" ? [event.code] : [];
    });
  }

  /** The patient presses the button on everything that is kept. */
  async requeueAll(): Promise<void> {
    for (const { state, messageId } of this.device.items()) {
      if (state === "kept") await this.device.requeue(messageId);
    }
  }

  /** Waits until so many events of a type have come in all. */
  async hears(type: DeviceEvent["type"], count = 1): Promise<void> {
    await until(() => this.heard(type).length >= count, `${String(count)} events "${type}"`);
  }
}

/** Waits for something that another process or the engine is about to do. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`waited in vain for ${what}`);
    },
    { timeout: LIMIT_MS, interval: 5 },
  );
}
