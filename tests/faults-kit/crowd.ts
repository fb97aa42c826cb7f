import { setMaxListeners } from "node:events";
import { toBase64Url } from "@siphms/cose";
import {
  createUnsafeMemoryStore,
  openDevice,
  type Device,
  type DurableStore,
} from "@siphms/device";
import { createNodeCrypto } from "@siphms/node-crypto";
import { createNodeHttp } from "../../apps/cli/src/device-state/node-http.ts";
import { systemClock } from "../../apps/cli/src/device-state/system-clock.ts";
import type { ApartInstallation } from "../crash/apart-installation.ts";

/** Enrolments at once, each of another patient: staff could not tell the codes of two devices of one patient apart. */
const AT_ONCE = 32;

/** A message that a device has a receipt for. */
export interface ReceiptedMessage {
  /** base64url. */
  readonly id: string;
  /** Of the receipt. */
  readonly outcome: number;
}

interface Member {
  readonly store: DurableStore;
  readonly storeKey: Uint8Array;
}

/** Very many devices with the real engine, in this process, behind one address like those of a clinic. */
export class Crowd {
  readonly #members: readonly Member[];
  #devices: readonly Device[] = [];
  #running: readonly Promise<void>[] = [];
  #stop = new AbortController();
  #value = 50;
  /** base64url message-ids of everything that was recorded. */
  readonly recorded: string[] = [];
  readonly receipted: ReceiptedMessage[] = [];
  #wake: () => void = () => undefined;

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Enrols so many, confirms them, and leaves them switched off. */
  static async enrol(installation: ApartInstallation, size: number): Promise<Crowd> {
    const members: Member[] = [];
    const patients = Array.from({ length: AT_ONCE }, (_, index) => `crowd-${index}`);
    await Promise.all(
      patients.map(async (mrn) => {
        await installation.addPatient(mrn);
        while (members.length < size) {
          const member = {
            store: createUnsafeMemoryStore(),
            storeKey: createNodeCrypto().randomBytes(32),
          };
          members.push(member);
          await enrolMember(installation, mrn, member);
        }
      }),
    );
    return new Crowd(members);
  }

  /** Every device measures once; works without a network. */
  async record(): Promise<void> {
    this.#value += 1;
    for (const device of this.#devices) {
      const start = device.now();
      const items = await device.record([
        { kind: 1, start, step: 0, values: [this.#value], origin: 0 },
      ]);
      this.recorded.push(...items.map(({ messageId }) => toBase64Url(messageId)));
    }
  }

  /** Switches all of them on, which connects none of them yet. */
  async open(): Promise<void> {
    this.#devices = await Promise.all(this.#members.map(openMember));
    for (const device of this.#devices) {
      device.subscribe((event) => {
        if (event.type !== "receipted") return;
        const { messageId, outcome } = event.receipt;
        this.receipted.push({ id: toBase64Url(messageId), outcome });
        if (this.receipted.length >= this.recorded.length) this.#wake();
      });
    }
  }

  /** Lets all of them connect in the same moment. */
  connect(): void {
    this.#stop = new AbortController();
    // One signal for all of them: what looks like a leak elsewhere is meant here.
    setMaxListeners(0, this.#stop.signal);
    this.#running = this.#devices.map((device) => device.run({ signal: this.#stop.signal }));
  }

  /** Resolves when everything that was recorded has a receipt. */
  async receipts(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.receipted.length >= this.recorded.length) resolve();
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}

function openMember({ store, storeKey }: Member): Promise<Device> {
  const ports = { clock: systemClock, crypto: createNodeCrypto(), store, http: createNodeHttp() };
  return openDevice(ports, { storeKey });
}

async function enrolMember(
  installation: ApartInstallation,
  mrn: string,
  member: Member,
): Promise<void> {
  const { link } = await installation.operator.invite(mrn);
  const device = await openMember(member);
  const result = await device.enrol(link, { deviceName: "one of many" });
  if (result.kind === "pending") await installation.operator.confirm({ mrn, code: result.code });
}
