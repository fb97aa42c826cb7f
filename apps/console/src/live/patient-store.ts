import type { ApiSample, LiveReading, PatientSummary } from "@siphms/api";

/** Where the live stream stands. */
export type Connection = "connecting" | "live" | "lost";

/** How often changes reach the screen: often enough for "at once", seldom enough for 500 patients. */
const FLUSH_MS = 250;

type Listener = () => void;

/**
 * The patients on screen, kept up to date by the live stream.
 *
 * Changes are collected and shown four times a second, and a listener hears of its own patient only:
 * a busy ward redraws the rows that changed, not the list.
 */
export class PatientStore {
  #patients = new Map<string, PatientSummary>();
  #order: readonly string[] = [];
  #connection: Connection = "connecting";
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #sampleListeners = new Map<string, Set<(samples: readonly ApiSample[]) => void>>();
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes a whole list, as the hospital gave it, in place of what is known. */
  replaceAll(patients: readonly PatientSummary[]): void {
    this.#patients = new Map(patients.map((patient) => [patient.id, patient]));
    this.#order = patients.map(({ id }) => id);
    for (const id of [...this.#order, LIST]) this.#touch(id);
  }

  /** Takes one patient's page, whose summary may be newer than the list's. */
  replace(patient: PatientSummary): void {
    if (!this.#patients.has(patient.id)) {
      this.#order = [...this.#order, patient.id];
      this.#touch(LIST);
    }
    this.#patients.set(patient.id, patient);
    this.#touch(patient.id);
  }

  /** Takes a live event; an event of a patient that is not on the list is left for the next list. */
  apply(reading: LiveReading): void {
    const known = this.#patients.get(reading.patient);
    if (known !== undefined) {
      const { latest, lastContact, quarantinedSamples } = reading;
      this.#patients.set(reading.patient, { ...known, latest, lastContact, quarantinedSamples });
      this.#touch(reading.patient);
    }
    for (const listener of this.#sampleListeners.get(reading.patient) ?? [])
      listener(reading.samples);
  }

  setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#touch(CONNECTION);
  }

  readonly order = (): readonly string[] => this.#order;
  readonly connection = (): Connection => this.#connection;
  readonly patient = (id: string): PatientSummary | undefined => this.#patients.get(id);

  /** Calls `listener` after the patient (or `LIST`, `CONNECTION`) changed; returns how to stop. */
  subscribe(id: string, listener: Listener): () => void {
    return addTo(this.#listeners, id, listener);
  }

  /** Calls `listener` at once with the samples of each live event of one patient; returns how to stop. */
  onSamples(id: string, listener: (samples: readonly ApiSample[]) => void): () => void {
    return addTo(this.#sampleListeners, id, listener);
  }

  #touch(id: string): void {
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}

/** The key under which the list itself (who is on it, in which order) is listened to. */
export const LIST = "list";
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
