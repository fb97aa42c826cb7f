import { vi } from "vitest";
import {
  createUnsafeMemoryStore,
  openDevice,
  type Device,
  type DeviceEvent,
  type DurableStore,
  type Http,
} from "@siphms/device";
import { toBase64Url } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { createNodeHttp } from "../../apps/cli/src/device-state/node-http.ts";
import { systemClock } from "../../apps/cli/src/device-state/system-clock.ts";
import type { Half } from "./two-hospitals.ts";

/** Longer than anything takes that is not timed. */
const LIMIT_MS = 60_000;
const STORE_KEY = new Uint8Array(32).fill(7);

/** A pass as its bearer shows it, and the mailbox of its session. */
export interface Access {
  readonly url: string;
  readonly authorization: string;
}

/** A phone with the real engine in this process, whose passes the test knows as a thief would. */
export class EnginePhone {
  readonly device: Device;
  readonly events: DeviceEvent[] = [];
  readonly #store: DurableStore;
  readonly #seen: Access[];
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  private constructor(device: Device, store: DurableStore, seen: Access[]) {
    this.device = device;
    this.#store = store;
    this.#seen = seen;
    device.subscribe((event) => this.events.push(event));
  }

  /**
   * A new phone, or the one of another store.
   *
   * @param options.gateway - Everything goes there, whatever gateway the invitation names.
   */
  static async open(
    options: { readonly store?: DurableStore; readonly gateway?: string } = {},
  ): Promise<EnginePhone> {
    const store = options.store ?? createUnsafeMemoryStore();
    const seen: Access[] = [];
    const http = watchedHttp(seen, options.gateway);
    const ports = { clock: systemClock, crypto: createNodeCrypto(), store, http };
    return new EnginePhone(await openDevice(ports, { storeKey: STORE_KEY }), store, seen);
  }

  get kid(): string {
    return toBase64Url(this.device.status().device!.kid);
  }

  /** The pass of the session in which it talked last. */
  get access(): Access {
    const last = this.#seen.at(-1);
    if (last === undefined) throw new Error("this phone had no session yet");
    return last;
  }

  /** Enrols for a patient and has staff confirm the code. */
  async enrol(mrn: string, hospital: Pick<Half, "json">): Promise<this> {
    const { link } = await hospital.json<{ link: string }>("invite", mrn);
    const result = await this.device.enrol(link, { deviceName: "phone" });
    if (result.kind !== "pending") throw new Error("confirmed before staff did");
    await hospital.json("enrolment", "confirm", mrn, result.code);
    await this.device.run({ until: "active", signal: AbortSignal.timeout(LIMIT_MS) });
    return this;
  }

  /** A copy of this phone, as a backup makes one, that goes by another gateway. */
  async copy(gateway: string): Promise<EnginePhone> {
    const copied = createUnsafeMemoryStore();
    for (const name of await this.#store.list("")) {
      const bytes = await this.#store.get(name);
      if (bytes !== undefined) await copied.batch([{ kind: "put", name, bytes }]);
    }
    return EnginePhone.open({ store: copied, gateway });
  }

  /** The same phone after a restart: another engine on its store. */
  again(): Promise<EnginePhone> {
    return EnginePhone.open({ store: this.#store });
  }

  /** Begins to work, and waits until it is in a session that its gateway serves. */
  async start(): Promise<this> {
    this.#stop = new AbortController();
    const asked = this.#seen.length;
    this.#running = this.device.run({ signal: this.#stop.signal });
    await this.until(() => this.device.status().connection === "open", "a session");
    await this.until(() => this.#seen.length > asked, "its mailbox to be asked");
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
  }

  /** Measures one heart rate. */
  async measure(value: number): Promise<void> {
    const start = this.device.now();
    await this.device.record([{ kind: 1, start, step: 0, values: [value], origin: 0 }]);
  }

  /** Waits for something that this phone is about to do. */
  async until(condition: () => boolean, what: string, limitMs = LIMIT_MS): Promise<void> {
    const look = (): void => {
      if (!condition()) throw new Error(`waited in vain for ${what}`);
    };
    await vi.waitFor(look, { timeout: limitMs, interval: 10 });
  }

  /** How often it told of this. */
  count(type: DeviceEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }
}

/** What a gateway says to whoever shows this pass. */
export async function statusOf({ url, authorization }: Access): Promise<number> {
  const response = await fetch(url, { headers: { authorization } });
  await response.arrayBuffer();
  return response.status;
}

function watchedHttp(seen: Access[], gateway: string | undefined): Http {
  const send = createNodeHttp();
  return (request) => {
    const asked = new URL(request.url);
    const url = (gateway ?? asked.origin) + asked.pathname + asked.search;
    const { authorization } = request.headers;
    const mailbox = /^\/v1\/sessions\/[^/]+\/mailbox$/.exec(asked.pathname);
    if (mailbox !== null && authorization !== undefined) {
      seen.push({ url: new URL(mailbox[0], url).href, authorization });
    }
    return send({ ...request, url });
  };
}
