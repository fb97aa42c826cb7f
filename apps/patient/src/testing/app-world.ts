import { createUnsafeMemoryStore, type DurableStore } from "@siphms/device";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
// Loaded beforehand: a world lets time pass as soon as nothing is under way that it knows of.
import "../app/held-key.ts";
import { PatientApp, type PatientAppPorts } from "../app/patient-app.ts";
import type { AppStage } from "../app/stage.ts";
import "../enrol/view-invitation.ts";
import { PatientError } from "../errors.ts";
import type { Locks } from "../storage/lead.ts";
import type { Pin } from "../vault/pin.ts";
import { Vault } from "../vault/vault.ts";
import type { PrfSecret } from "../vault/wrapping.ts";
import { UnsafeMemoryVaultStore } from "./memory-vault-store.ts";

/** A PIN that no rule refuses. */
export const PIN = "204861";

/** A phone for the app's tests: what lies on it, its network and hospital, its finger, its page. */
export class AppWorld {
  readonly device: DeviceWorld;
  readonly entries: DurableStore = createUnsafeMemoryStore();
  readonly vault = new UnsafeMemoryVaultStore();
  /** Why nothing can be written now. */
  writesFail: "STORE_FULL" | "STORE_FAILED" | undefined;
  isErased = false;
  /** Whether the phone recognises its owner. */
  isRecognised = true;
  wakeLocks = 0;
  readonly #locks: Locks;
  readonly #pages: ((isHidden: boolean) => void)[] = [];
  #secret: PrfSecret | undefined;

  private constructor(device: DeviceWorld) {
    this.device = device;
    this.#locks = createFakeLocks();
  }

  /** @param device - Another phone's network and hospital. */
  static async create(device?: DeviceWorld): Promise<AppWorld> {
    return new AppWorld(device ?? (await createDeviceWorld()));
  }

  /** Opens the app as a new tab does, and lets it start. */
  async open(link?: string, changes: Partial<PatientAppPorts> = {}): Promise<PatientApp> {
    const app = new PatientApp({ ...this.#ports(), ...changes }, link);
    void app.start();
    await this.device.settle();
    return app;
  }

  /** The page is hidden, or seen again. */
  show(isShown: boolean): void {
    for (const page of this.#pages) page(!isShown);
  }

  /** An app that is enrolled with a PIN, confirmed and open. */
  async openEnrolled(): Promise<PatientApp> {
    const app = await this.open(this.device.hospital.invite());
    void app.enrol({ pin: PIN });
    await this.until(app, "pending");
    const stage = app.snapshot();
    if (stage.kind !== "pending") throw new Error("expected a code");
    await this.device.hospital.confirm(stage.code);
    await this.until(app, "confirmed");
    await app.enter();
    return app;
  }

  /** Lets time pass until the app is in this stage. */
  async until(app: PatientApp, kind: AppStage["kind"]): Promise<void> {
    await this.device.until(() => app.snapshot().kind === kind, kind);
  }

  #ports(): PatientAppPorts {
    const { clock, crypto, http } = this.device.ports;
    return {
      missing: [],
      locks: this.#locks,
      persist: () => Promise.resolve(false),
      openStorage: () =>
        Promise.resolve({
          store: this.#failingStore(),
          vault: this.vault,
          erase: async () => {
            for (const name of await this.entries.list("")) await this.entries.delete(name);
            this.isErased = true;
          },
        }),
      createVault: (store) =>
        new Vault({
          store,
          crypto,
          monotonic: () => clock.monotonic(),
          kdf: (pin: Pin, salt) => crypto.hmacSha256(salt, new TextEncoder().encode(pin)),
        }),
      passkeys: {
        isAvailable: () => Promise.resolve(true),
        create: () => {
          this.#recognise();
          this.#secret = {
            credentialId: crypto.randomBytes(16),
            salt: crypto.randomBytes(32),
            output: crypto.randomBytes(32),
          };
          return Promise.resolve(this.#secret);
        },
        read: () => {
          this.#recognise();
          return Promise.resolve(this.#secret?.output.slice() ?? crypto.randomBytes(32));
        },
      },
      wakeLocks: undefined,
      page: {
        onVisibility: (listener) => void this.#pages.push(listener),
        onOnline: () => undefined,
      },
      held: {
        clock,
        crypto,
        http,
        bluetooth: () => Promise.resolve(undefined),
        locale: "en-GB",
        utcOffsetMinutes: () => 0,
      },
      deviceName: "test phone",
    };
  }

  #recognise(): void {
    if (!this.isRecognised) throw new PatientError("PASSKEY_REFUSED", "as the test asked");
  }

  #failingStore(): DurableStore {
    const check = (): void => {
      if (this.writesFail !== undefined)
        throw new PatientError(this.writesFail, "as the test asked");
    };
    const { entries } = this;
    return {
      get: (name) => entries.get(name),
      list: (prefix) => entries.list(prefix),
      put: async (name, bytes) => {
        check();
        await entries.put(name, bytes);
      },
      delete: async (name) => {
        check();
        await entries.delete(name);
      },
      batch: async (operations) => {
        check();
        await entries.batch(operations);
      },
    };
  }
}

/** The browser's locks, for tabs of one phone. */
function createFakeLocks(): Locks {
  let last: Promise<unknown> = Promise.resolve();
  let isHeld = false;
  const request = async (
    _name: string,
    options: LockOptions,
    use: (lock: Lock | null) => unknown,
  ): Promise<unknown> => {
    if (options.ifAvailable === true && isHeld) return use(null);
    const before = last;
    const run = async (): Promise<unknown> => {
      await before;
      isHeld = true;
      try {
        return await use({ name: "siphms-engine", mode: "exclusive" });
      } finally {
        isHeld = false;
      }
    };
    const running = run();
    last = running;
    return running;
  };
  return { request } as unknown as Locks;
}
