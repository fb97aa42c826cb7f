import type { Bytes } from "@siphms/cose";
import type { DurableStore } from "@siphms/device";
import { lead, type Locks } from "../storage/lead.ts";
import type { Passkeys } from "../unlock/passkey.ts";
import type { PinOutcome, PrfOutcome, Vault, VaultStatus, VaultStore } from "../vault/vault.ts";
import { startAutoLock, type PageEvents } from "./auto-lock.ts";
import { failureCodeOf } from "./failure-code.ts";
import type { HeldKey, HeldKeyPorts } from "./held-key.ts";
import { MonitoringClock, type WakeLocks } from "./monitoring.ts";
import { Observed, type Observable } from "../observable.ts";
import type { OpenApp } from "./open-app.ts";
import type { AppStage, FailureCode, InvitationView, MissingFeature } from "./stage.ts";

/** What lies in the browser, open. */
export interface AppStorage {
  readonly store: DurableStore;
  readonly vault: VaultStore;
  /** Removes everything, durably. @throws {PatientError} `STORE_FAILED`. */
  readonly erase: () => Promise<void>;
}

/** What {@link PatientApp} needs. */
export interface PatientAppPorts {
  readonly missing: readonly MissingFeature[];
  readonly locks: Locks;
  /** Asks the browser not to evict our data; whether it said yes. */
  readonly persist: () => Promise<boolean>;
  /** @param onClosed - Nothing more can be written from this page. */
  readonly openStorage: (onClosed: () => void) => Promise<AppStorage>;
  readonly createVault: (store: VaultStore) => Vault;
  readonly passkeys: Passkeys;
  readonly wakeLocks: WakeLocks | undefined;
  readonly page: PageEvents;
  /** What opens with the key; the store comes from {@link openStorage}. */
  readonly held: Omit<HeldKeyPorts, "store">;
  /** What the hospital shows this phone as. */
  readonly deviceName: string;
}

/** Ways in that the patient chose; one of them at least. */
export interface UnlockMethods {
  readonly pin?: string;
  readonly passkey?: boolean;
}

/** What came of a try to unlock, without the key. */
export type UnlockOutcome =
  | Exclude<PinOutcome, { kind: "opened" }>
  | Exclude<PrfOutcome, { kind: "opened" }>
  | { readonly kind: "opened" };

/** While an outbox's items are sealed their number still shows. */
const ITEM_PREFIX = "item/";
const FORGIVE_AGAIN_MS = 30_000;

/** The app without its screens: which stage it is in, and what leads from one to the next. */
export class PatientApp implements Observable<AppStage> {
  readonly #ports: PatientAppPorts;
  readonly #stage = new Observed<AppStage>({ kind: "starting" });
  readonly #isPersisted = new Observed<boolean>(true);
  readonly #hasNeedlessInvitation = new Observed<boolean>(false);
  readonly #monitoring: MonitoringClock;
  #storage: AppStorage | undefined;
  #vault: Vault | undefined;
  #link: string | undefined;
  #held: HeldKey | undefined;
  #open: OpenApp | undefined;
  #lettingGo: { readonly cancel: AbortController; readonly done: Promise<boolean> } | undefined;

  /** @param link - The address that the app was opened with, where it is an invitation's. */
  constructor(ports: PatientAppPorts, link?: string) {
    this.#ports = ports;
    this.#link = link;
    this.#monitoring = new MonitoringClock({
      clock: ports.held.clock,
      wakeLocks: ports.wakeLocks,
      onEnded: () => {
        if (this.#stage.snapshot().kind === "locked") this.#beginToLetGo();
      },
    });
  }

  readonly snapshot = (): AppStage => this.#stage.snapshot();

  readonly subscribe = (listener: () => void): (() => void) => this.#stage.subscribe(listener);

  /** Whether the browser promised to keep our data; true until it was asked. */
  get isPersisted(): Observable<boolean> {
    return this.#isPersisted;
  }

  /** Whether an invitation was opened on a phone that has its hospital. */
  get hasNeedlessInvitation(): Observable<boolean> {
    return this.#hasNeedlessInvitation;
  }

  /** The patient has read that nothing came of it. */
  forgetInvitation(): void {
    this.#hasNeedlessInvitation.set(false);
  }

  /** Whether the phone takes what is to be kept; `undefined` without a key. */
  get storageTrouble(): HeldKey["storage"] | undefined {
    return this.#held?.storage;
  }

  /** Goes as far as the lock or the welcome; called once. */
  async start(): Promise<void> {
    const { locks, missing, openStorage, createVault, page, held } = this.#ports;
    if (missing.length > 0) {
      this.#stage.set({ kind: "unsupported", missing });
      return;
    }
    await this.#guarded(async () => {
      const never = new AbortController().signal;
      await lead(locks, {
        signal: never,
        onWaiting: () => this.#stage.set({ kind: "elsewhere" }),
      });
      this.#stage.set({ kind: "starting" });
      this.#storage = await openStorage(() => this.#fail("STORE_NEWER"));
      this.#vault = createVault(this.#storage.vault);
      this.#isPersisted.set(await this.#ports.persist());
      startAutoLock({
        clock: held.clock,
        page,
        lock: () => this.lock(),
        onHidden: () => void this.#held?.pageHidden(),
        onShown: () => this.#shown(),
      });
      page.onOnline(() => void this.#held?.retryNow());
      const status = await this.#vault.status();
      if (status.exists) await this.#showLock();
      else await this.#showWelcome();
    });
  }

  /** Takes an invitation that was scanned or pasted. */
  async invite(link: string): Promise<void> {
    this.#link = link;
    await this.#guarded(() => this.#showWelcome());
  }

  /** Whether this phone has a fingerprint or face of its own. */
  canUsePasskey(): Promise<boolean> {
    return this.#ports.passkeys.isAvailable();
  }

  /**
   * Makes the vault with the ways in that were chosen, where there is none, and enrols with the invitation.
   *
   * @throws {PatientError} `PIN_FORM`, `PIN_WEAK`, `PASSKEY_REFUSED`, `PASSKEY_WITHOUT_PRF`: nothing has changed then.
   */
  async enrol(methods: UnlockMethods): Promise<void> {
    const { passkeys } = this.#ports;
    if (this.#held === undefined) {
      const storeKey = await this.#requiredVault().create({
        ...(methods.pin === undefined ? {} : { pin: methods.pin }),
        ...(methods.passkey === true ? { prf: await passkeys.create() } : {}),
      });
      await this.#guarded(() => this.#hold(storeKey));
    }
    const held = this.#held;
    if (held !== undefined) await this.#tryEnrolment(held);
  }

  /** Goes on with an enrolment that stopped. */
  async tryAgain(): Promise<void> {
    if (this.#held !== undefined) await this.#advance(this.#held);
  }

  /** Leaves an enrolment for another invitation. */
  async otherInvitation(): Promise<void> {
    this.#link = undefined;
    await this.#held?.stopRun();
    await this.#guarded(() => this.#showWelcome());
  }

  /** From the confirmation to the app. */
  async enter(): Promise<void> {
    if (this.#held !== undefined) await this.#advance(this.#held);
  }

  /** Tries a PIN. @throws {PatientError} `PIN_FORM`, and what the vault throws. */
  async unlockWithPin(pin: string): Promise<UnlockOutcome> {
    const outcome = await this.#requiredVault().openWithPin(pin);
    if (outcome.kind !== "opened") {
      await this.#guarded(() => this.#showLock());
      return outcome;
    }
    const { storeKey, forgiven } = outcome;
    await this.#guarded(() => this.#unlocked(storeKey));
    if (!forgiven) void this.#forgiveLater();
    return { kind: "opened" };
  }

  /** Asks for the fingerprint or face. @throws {PatientError} `PASSKEY_REFUSED`, `PASSKEY_WITHOUT_PRF`. */
  async unlockWithPasskey(): Promise<UnlockOutcome> {
    const outcome = await this.#readPasskey();
    if (outcome.kind === "opened") await this.#guarded(() => this.#unlocked(outcome.storeKey));
    return outcome.kind === "opened" ? { kind: "opened" } : outcome;
  }

  /** Goes to the lock screen at once; lets go of the key unless monitoring keeps it. */
  lock(): void {
    if (this.#held === undefined) return;
    if (["locked", "wiped", "failed"].includes(this.#stage.snapshot().kind)) return;
    this.#stage.set({ kind: "starting" });
    if (this.#monitoring.until === undefined) this.#beginToLetGo();
    void this.#guarded(() => this.#showLock());
  }

  /** Locks, and resolves when everything is stored and the page may go: before another version takes over. */
  async putAway(): Promise<void> {
    this.#monitoring.stop();
    this.lock();
    this.#beginToLetGo();
    await this.#lettingGo?.done;
  }

  /** Ends monitoring from the lock screen. */
  stopMonitoring(): void {
    this.#monitoring.stop();
    if (this.#stage.snapshot().kind === "locked") void this.#guarded(() => this.#showLock());
  }

  /** The ways in that there are. */
  vaultStatus(): Promise<VaultStatus> {
    return this.#requiredVault().status();
  }

  /** Asks once more who is there, before the ways in are changed. @throws {PatientError} as the unlocking. */
  async verify(pin?: string): Promise<UnlockOutcome> {
    const outcome =
      pin === undefined ? await this.#readPasskey() : await this.#requiredVault().openWithPin(pin);
    if (outcome.kind !== "opened") return outcome;
    outcome.storeKey.fill(0);
    return { kind: "opened" };
  }

  /** Sets or changes the PIN. @throws {PatientError} `PIN_FORM`, `PIN_WEAK`, what the store says. */
  setPin(pin: string): Promise<void> {
    return this.#requiredVault().setPin(this.#requiredKey(), pin);
  }

  /** Adds the fingerprint or face, or another one. @throws {PatientError} `PASSKEY_REFUSED`, `PASSKEY_WITHOUT_PRF`. */
  async addPasskey(): Promise<void> {
    const secret = await this.#ports.passkeys.create();
    await this.#requiredVault().setPrf(this.#requiredKey(), secret);
  }

  /** @throws {PatientError} `VAULT_LAST_METHOD`. */
  removePin(): Promise<void> {
    return this.#requiredVault().removePin(this.#requiredKey());
  }

  /** @throws {PatientError} `VAULT_LAST_METHOD`. */
  removePasskey(): Promise<void> {
    return this.#requiredVault().removePrf(this.#requiredKey());
  }

  /** Stops everything and erases key, queue, trail and choices from this phone, whatever was not sent. */
  async wipe(): Promise<void> {
    await this.#guarded(async () => {
      this.#stage.set({ kind: "starting" });
      this.#monitoring.stop();
      this.#lettingGo?.cancel.abort();
      await this.#lettingGo?.done;
      await this.#held?.drop();
      this.#forgetHeld();
      // The key first: without it the rest is noise, even if it could not be removed.
      await this.#vault?.erase();
      await this.#storage?.erase();
      this.#stage.set({ kind: "wiped" });
    });
  }

  async #unlocked(storeKey: Bytes): Promise<void> {
    this.#stage.set({ kind: "starting" });
    this.#lettingGo?.cancel.abort();
    await this.#lettingGo?.done;
    if (this.#held === undefined) await this.#hold(storeKey);
    else storeKey.fill(0);
    if (this.#held !== undefined) await this.#advance(this.#held);
  }

  async #hold(storeKey: Bytes): Promise<void> {
    const { store } = this.#requiredStorage();
    // Nothing of the engine is needed before: the first screen loads without it.
    const { HeldKey: Held } = await import("./held-key.ts");
    this.#held = await Held.open({ ...this.#ports.held, store }, storeKey);
  }

  /** Goes where the device stands. */
  async #advance(held: HeldKey): Promise<void> {
    switch (held.device.status().state) {
      case "new":
        return this.#showWelcome();
      case "enrolling":
        return this.#tryEnrolment(held);
      case "pending":
        // That takes as long as staff need.
        void this.#awaitConfirmation(held);
        return;
      case "active":
        return this.#openApp(held);
    }
  }

  async #tryEnrolment(held: HeldKey): Promise<void> {
    const { device, signal } = held;
    const link = this.#link;
    const view = link === undefined ? undefined : await this.#viewOf(link);
    const hospitalName = view?.hospitalName ?? device.status().hospital?.name ?? "";
    this.#stage.set({ kind: "enrolling", hospitalName, problem: undefined });
    try {
      const { deviceName } = this.#ports;
      const { kind } =
        link === undefined
          ? await device.resumeEnrolment({ signal })
          : await device.enrol(link, { deviceName, signal });
      this.#link = undefined;
      if (kind === "pending") void this.#awaitConfirmation(held);
      else this.#stage.set({ kind: "confirmed", hospitalName });
    } catch (error) {
      this.#enrolmentStopped(held, error);
    }
  }

  async #awaitConfirmation(held: HeldKey): Promise<void> {
    const { device } = held;
    const show = (): void => {
      const { code, hospital } = device.status();
      if (code === undefined || held !== this.#held || held.signal.aborted) return;
      this.#stage.set({ kind: "pending", code, hospitalName: hospital?.name ?? "" });
    };
    show();
    const stop = device.subscribe((event) => {
      if (event.type === "code") show();
    });
    try {
      await held.run("active");
      const { state, hospital } = device.status();
      const isWatched = this.#stage.snapshot().kind === "pending";
      if (state === "active" && held === this.#held && isWatched)
        this.#stage.set({ kind: "confirmed", hospitalName: hospital?.name ?? "" });
    } catch (error) {
      this.#enrolmentStopped(held, error);
    } finally {
      stop();
    }
  }

  #enrolmentStopped(held: HeldKey, error: unknown): void {
    if (held !== this.#held || held.signal.aborted) return;
    const hospitalName = held.device.status().hospital?.name ?? "";
    this.#stage.set({ kind: "enrolling", hospitalName, problem: failureCodeOf(error) });
  }

  async #openApp(held: HeldKey): Promise<void> {
    if (this.#open === undefined) {
      const parts = await held.parts();
      // Locked again meanwhile.
      if (held !== this.#held || this.#lettingGo !== undefined) return;
      this.#open = {
        ...parts,
        device: held.device,
        clock: this.#ports.held.clock,
        monitoring: this.#monitoring,
        lock: () => this.lock(),
      };
      held.run("stopped").catch((error: unknown) => {
        if (held === this.#held) this.#fail(failureCodeOf(error));
      });
    }
    if (this.#link !== undefined) this.#hasNeedlessInvitation.set(true);
    this.#link = undefined;
    void held.retryNow();
    this.#stage.set({ kind: "open", app: this.#open });
  }

  #beginToLetGo(): void {
    const held = this.#held;
    if (held === undefined || this.#lettingGo !== undefined) return;
    const cancel = new AbortController();
    const done = held.letGo(cancel.signal).then((isGone) => {
      this.#lettingGo = undefined;
      if (isGone && held === this.#held) this.#forgetHeld();
      return isGone;
    });
    this.#lettingGo = { cancel, done };
  }

  #forgetHeld(): void {
    this.#held = undefined;
    this.#open = undefined;
  }

  async #showLock(): Promise<void> {
    const vault = await this.#requiredVault().status();
    const items = await this.#requiredStorage().store.list(ITEM_PREFIX);
    const { kind } = this.#stage.snapshot();
    // Somebody may have come in, or erased everything, while the disk was asked.
    if (kind !== "starting" && kind !== "locked") return;
    const monitoringUntil = this.#monitoring.until;
    this.#stage.set({ kind: "locked", vault, unsent: items.length, monitoringUntil });
  }

  async #showWelcome(): Promise<void> {
    const link = this.#link;
    const invitation = link === undefined ? undefined : await this.#viewOf(link);
    this.#stage.set({
      kind: "welcome",
      invitation,
      isMalformed: link !== undefined && invitation === undefined,
      needsMethods: this.#held === undefined,
    });
  }

  async #viewOf(link: string): Promise<InvitationView | undefined> {
    const { viewInvitation } = await import("../enrol/view-invitation.ts");
    return viewInvitation(link, this.#ports.held);
  }

  async #readPasskey(): Promise<PrfOutcome> {
    const vault = this.#requiredVault();
    const { prf } = await vault.status();
    if (prf === undefined) return { kind: "unset" };
    return vault.openWithPrf(await this.#ports.passkeys.read(prf));
  }

  async #forgiveLater(): Promise<void> {
    const { clock } = this.#ports.held;
    const held = this.#held;
    while (held !== undefined && !held.signal.aborted) {
      await clock.sleep(FORGIVE_AGAIN_MS, held.signal);
      if (await this.#requiredVault().forgiveAgain()) return;
    }
  }

  #shown(): void {
    this.#monitoring.pageShown();
    void this.#held?.retryNow();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(failureCodeOf(error));
    }
  }

  #fail(code: FailureCode): void {
    this.#stage.set({ kind: "failed", code });
  }

  #requiredVault(): Vault {
    if (this.#vault === undefined) throw new RangeError("start has not been called");
    return this.#vault;
  }

  #requiredStorage(): AppStorage {
    if (this.#storage === undefined) throw new RangeError("start has not been called");
    return this.#storage;
  }

  #requiredKey(): Bytes {
    if (this.#held === undefined) throw new RangeError("the app is locked");
    return this.#held.storeKey;
  }
}
