import {
  samplesOfRuns,
  type AlertList,
  type AlertStand,
  type ApiAlert,
  type ApiSample,
  type LiveAlert,
  type LiveReading,
  type PatientSummary,
  type Trend,
} from "@siphms/api";
import { StandBook } from "./stand-book.ts";
import { extendTrend } from "./trend.ts";

/** Where the live stream stands. */
export type Connection = "connecting" | "live" | "lost";

/** A patient, and when this page was told so, by this machine's clock, ms: clinical time is counted from it. */
export interface KnownPatient extends PatientSummary {
  readonly toldAt: number;
}

/** So many patients are drawn anew in one frame; the others wait for the next, so that no frame takes long on a slow tablet. */
const MAX_PER_FRAME = 2;

/** So late at most is said that an alert came or went, ms: of a ward in which many do, each would cost all who listen a look. */
const ALERTS_WITHIN_MS = 100;

type Listener = () => void;

/** What the store needs of the browser. */
export interface StorePorts {
  /** Calls back when the next frame is about to be drawn. */
  readonly onFrame: (draw: () => void) => void;
  /** Calls back within {@link ALERTS_WITHIN_MS}, also in a window that nobody sees. */
  readonly onMoment: (tell: () => void) => void;
  /** Calls back in a turn of its own, at once, also in a window that nobody sees. */
  readonly onTurn: (tell: () => void) => void;
  readonly now: () => number;
}

const browser: StorePorts = {
  onFrame: (draw) => void requestAnimationFrame(draw),
  onMoment: (tell) => {
    if (document.hidden) inNextTask(tell);
    else setTimeout(tell, ALERTS_WITHIN_MS);
  },
  onTurn: inNextTask,
  now: () => Date.now(),
};

/** Timers of a window that nobody sees are held back for a second or more; a message to itself is not. */
function inNextTask(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(null);
}

/**
 * The patients on screen, kept up to date by the live stream.
 *
 * Changes are shown with the next frame that is drawn, some patients in each, and a listener hears of its own patient only:
 * a busy ward redraws the rows that changed, not the list.
 */
export class PatientStore {
  #patients = new Map<string, KnownPatient>();
  #order: readonly string[] = [];
  #connection: Connection = "connecting";
  readonly #trends = new Map<string, Trend>();
  readonly #stands = new StandBook();
  readonly #alertListeners = new Set<Listener>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #sampleListeners = new Map<string, Set<(samples: readonly ApiSample[]) => void>>();
  readonly #changed = new Set<string>();
  readonly #ports: StorePorts;
  #isWaiting = false;
  #willTell = false;
  readonly #toTell = new Set<Listener>();

  constructor(ports: StorePorts = browser) {
    this.#ports = ports;
  }

  /** Takes a whole list, as the hospital gave it, in place of what is known; what the stream told later than it stays. */
  replaceAll(patients: readonly PatientSummary[]): void {
    const toldAt = this.#ports.now();
    const before = this.#patients;
    this.#patients = new Map(
      patients.map((patient) => [
        patient.id,
        { ...patient, ...laterOf(before.get(patient.id), patient), toldAt },
      ]),
    );
    this.#order = patients.map(({ id }) => id);
    for (const id of this.#trends.keys()) if (!this.#patients.has(id)) this.#trends.delete(id);
    for (const id of [LIST, ...this.#order]) this.#touch(id);
  }

  /** Takes one patient's page, whose summary may be newer than the list's; what the stream told later than it stays. */
  replace(patient: PatientSummary): void {
    const known = this.#patients.get(patient.id);
    if (known === undefined) {
      this.#order = [...this.#order, patient.id];
      this.#touch(LIST);
    }
    const toldAt = this.#ports.now();
    this.#patients.set(patient.id, { ...patient, ...laterOf(known, patient), toldAt });
    this.#touch(patient.id);
  }

  /** Takes the last six hours of some patients; those who are not on the list are left out. */
  takeTrends(trends: readonly Trend[]): void {
    for (const trend of trends) {
      if (!this.#patients.has(trend.patient)) continue;
      this.#trends.set(trend.patient, trend);
      this.#touch(trend.patient);
    }
  }

  /** Takes a live event; an event of a patient that is not on the list is left for the next list. */
  apply(reading: LiveReading): void {
    const { patient: id } = reading;
    const listeners = this.#sampleListeners.get(id);
    const trend = this.#trends.get(id);
    // Taken apart only where somebody looks: a ward sends thousands of values a second.
    const samples = (listeners ?? trend) === undefined ? [] : samplesOfRuns(reading.runs);
    const known = this.#patients.get(id);
    if (known !== undefined) {
      const { latest, lastContact, quarantinedSamples } = reading;
      this.#patients.set(id, { ...known, latest, lastContact, quarantinedSamples });
      if (trend !== undefined) this.#trends.set(id, extendTrend(trend, samples));
      this.#touch(id);
    }
    for (const listener of listeners ?? []) listener(samples);
  }

  /** Takes the stands of all patients, as the hospital gave them; what the stream told since `turn` stays. */
  replaceStands({ stands }: AlertList, turn: number): void {
    const changed = this.#stands.replaceAll(stands, turn);
    for (const id of changed) this.#touch(id);
    if (changed.size > 0) this.#touchAlerts();
  }

  /** Takes a live event: the new stand of one patient's alerts. */
  applyStand({ patient, open, news2 }: LiveAlert): void {
    const isOther = this.#stands.set(patient, { open, news2 });
    this.#touch(patient);
    if (isOther) this.#touchAlerts();
  }

  setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#touch(CONNECTION);
  }

  readonly order = (): readonly string[] => this.#order;
  readonly connection = (): Connection => this.#connection;
  readonly patient = (id: string): KnownPatient | undefined => this.#patients.get(id);
  readonly trend = (id: string): Trend | undefined => this.#trends.get(id);
  /** The stand of a patient's alerts; nothing where it is not known. */
  readonly stand = (id: string): AlertStand | undefined => this.#stands.get(id);
  /** Every open alert of every patient; the very same list until one of them has changed. */
  readonly openAlerts = (): readonly ApiAlert[] => this.#stands.open();
  /** Where the stands stand now: for {@link PatientStore.replaceStands}, taken before the hospital is asked. */
  readonly standTurn = (): number => this.#stands.turn;

  /** Calls `listener` after the patient (or `LIST`, `ALERTS`, `CONNECTION`) changed; returns how to stop. */
  subscribe(id: string, listener: Listener): () => void {
    return addTo(this.#listeners, id, listener);
  }

  /**
   * Calls `listener` a moment after stands have changed, once for all of them: a window that nobody sees draws no frames, and
   * still has to ring.
   */
  readonly onAlerts = (listener: Listener): (() => void) => {
    this.#alertListeners.add(listener);
    return () => this.#alertListeners.delete(listener);
  };

  /** Calls `listener` at once with the samples of each live event of one patient; returns how to stop. */
  onSamples(id: string, listener: (samples: readonly ApiSample[]) => void): () => void {
    return addTo(this.#sampleListeners, id, listener);
  }

  #touchAlerts(): void {
    this.#touch(ALERTS);
    if (this.#willTell) return;
    this.#willTell = true;
    this.#ports.onMoment(() => {
      this.#willTell = false;
      for (const listener of this.#alertListeners) this.#toTell.add(listener);
      this.#tellNext();
    });
  }

  /** Each in a turn of its own: what all of them draw together would hold up a slow tablet. */
  #tellNext(): void {
    const [listener] = this.#toTell;
    if (listener === undefined) return;
    this.#toTell.delete(listener);
    if (this.#alertListeners.has(listener)) listener();
    if (this.#toTell.size > 0) this.#ports.onTurn(() => this.#tellNext());
  }

  #touch(id: string): void {
    // What nobody listens to is read anew by whoever comes.
    if (!this.#listeners.has(id)) return;
    this.#changed.add(id);
    this.#wait();
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#ports.onFrame(() => this.#draw());
  }

  #draw(): void {
    this.#isWaiting = false;
    // Oldest change first: a set keeps the order in which its members came.
    const drawn = [...this.#changed].slice(0, MAX_PER_FRAME);
    for (const id of drawn) {
      this.#changed.delete(id);
      for (const listener of this.#listeners.get(id) ?? []) listener();
    }
    if (this.#changed.size > 0) this.#wait();
  }
}

/** What a live event has told since a list was read that was long on its way; nothing where the list is as new. */
function laterOf(
  known: KnownPatient | undefined,
  listed: PatientSummary,
): Partial<Pick<PatientSummary, "lastContact" | "latest" | "quarantinedSamples">> {
  if (known === undefined || (known.lastContact ?? 0) <= (listed.lastContact ?? 0)) return {};
  const { latest, lastContact, quarantinedSamples } = known;
  return { latest, lastContact, quarantinedSamples };
}

/** The key under which the list itself (who is on it, in which order) is listened to. */
export const LIST = "list";
/** The key under which the open alerts of all patients are listened to. */
export const ALERTS = "alerts";
/** The key under which the state of the live stream is listened to. */
export const CONNECTION = "connection";

function addTo<T>(map: Map<string, Set<T>>, key: string, value: T): () => void {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set.add(value));
  return () => {
    set.delete(value);
    if (set.size === 0) map.delete(key);
  };
}
