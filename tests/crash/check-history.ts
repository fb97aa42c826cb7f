import type { DeviceHistory, HistoryValue, IntendedSample, Operation } from "./history.ts";

/** A sample as the hospital shows it to a doctor. */
export interface StoredSample {
  /** The patient in whose record it was found. */
  readonly patient: string;
  /** The device's kid, base64url. */
  readonly device: string;
  /** The message that holds it, base64url. */
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly value: HistoryValue;
  /** Why it stands in quarantine. */
  readonly quarantine?: string;
}

/** A row of `batches`: one signed message. */
export interface StoredMessage {
  readonly device: string;
  readonly patient: string;
  readonly id: string;
  readonly name: string;
  readonly outcome: number;
  readonly samples: number;
}

/** A row of `session_seqs`: one number of a session that is used up. */
export interface UsedNumber {
  readonly device: string;
  readonly sid: string;
  readonly seq: number;
  /** SHA-256 of the envelope, base64url. */
  readonly hash: string;
}

/** What the hospital holds of some devices, after they have drained. */
export interface HospitalRecords {
  readonly samples: readonly StoredSample[];
  readonly messages: readonly StoredMessage[];
  readonly numbers: readonly UsedNumber[];
  /** Envelopes that it could not deal with. */
  readonly refused: readonly {
    readonly device: string;
    readonly sid: string;
    readonly reason: string;
  }[];
}

/** What can be wrong. */
export type ViolationKind =
  /** Recorded, and not (or only in part) in the hospital. */
  | "lost"
  /** In the hospital more often than it was recorded. */
  | "doubled"
  /** The device holds a receipt for what the hospital does not hold. */
  | "receipt-for-nothing"
  /** A receipt that says something else than the hospital's row. */
  | "receipt-differs"
  /** In the hospital, and no device ever meant to record it. */
  | "invented"
  /** In the hospital with another value, or judged otherwise. */
  | "altered"
  /** In the hospital under another patient, device or message. */
  | "misfiled"
  /** One number of a session, two envelopes. */
  | "number-reused"
  /** The gateway said that it has an envelope, and the hospital never got it. */
  | "accepted-and-gone"
  /** The hospital could not deal with an envelope. */
  | "refused"
  /** The device gave up on an item, or raised an alarm. */
  | "given-up";

/** One thing that is wrong. */
export interface Violation {
  readonly kind: ViolationKind;
  /** Name of the device; its kid where no history is of it. */
  readonly device: string;
  readonly what: string;
  /** What the device's history tells of it. */
  readonly operations: readonly Operation[];
}

/**
 * Compares, operation by operation, what devices recorded, sent and were told with what the hospital holds.
 *
 * What a device has recorded for certain is in the hospital exactly once, whole, as it was meant, under its patient and
 * in its message. What it only meant to record, when it was killed, is there at most once, unless its store says that it
 * never held it: then it is not there at all. Every receipt and every 200 or 202 of the gateway stands on a row.
 *
 * Changes nothing of its input. @returns nothing where all is well.
 */
export function checkHistories(
  devices: readonly DeviceHistory[],
  records: HospitalRecords,
): readonly Violation[] {
  const known = new Set(devices.map(({ kid }) => kid));
  const strangers = [...records.samples, ...records.messages]
    .filter(({ device }) => !known.has(device))
    .map(({ device, id }): Violation => {
      return {
        kind: "invented",
        device,
        what: `message ${id} of a device that is none of ours`,
        operations: [],
      };
    });
  const nobodys = records.refused
    .filter(({ device }) => !known.has(device))
    .map(({ device, sid, reason }): Violation => {
      return { kind: "refused", device, what: `an envelope of ${sid}: ${reason}`, operations: [] };
    });
  const own = devices.flatMap((device) => new DeviceCheck(device, records).run());
  return [...strangers, ...nobodys, ...own];
}

interface Reading {
  readonly samples: readonly IntendedSample[];
  /** Whether it is in the device's store for certain; `undefined` where nobody knows. */
  isRecorded: boolean | undefined;
  /** The message that holds it, where the device could still say so. */
  id: string | undefined;
}

const place = (sample: { readonly kind: string; readonly at: number }): string =>
  `${sample.kind} at ${sample.at}`;

class DeviceCheck {
  readonly #device: DeviceHistory;
  readonly #samples: readonly StoredSample[];
  readonly #messages: ReadonlyMap<string, readonly StoredMessage[]>;
  readonly #numbers: ReadonlyMap<string, UsedNumber>;
  readonly #refused: HospitalRecords["refused"];
  readonly #readings = new Map<number, Reading>();
  /** Which reading a place belongs to. */
  readonly #places = new Map<string, number>();
  readonly #violations: Violation[] = [];

  constructor(device: DeviceHistory, records: HospitalRecords) {
    const isOurs = (one: { readonly device: string }): boolean => one.device === device.kid;
    this.#device = device;
    this.#samples = records.samples.filter(isOurs);
    this.#messages = groupById(records.messages.filter(isOurs));
    this.#numbers = new Map(
      records.numbers.filter(isOurs).map((one) => [`${one.sid}/${one.seq}`, one]),
    );
    this.#refused = records.refused.filter(isOurs);
  }

  run(): readonly Violation[] {
    this.#readHistory();
    this.#checkSamples();
    this.#checkMessages();
    this.#checkReceipts();
    this.#checkNumbers();
    this.#checkTroubles();
    return this.#violations;
  }

  #readHistory(): void {
    for (const operation of this.#device.operations) {
      if (operation.op === "intended") this.#intend(operation.reading, operation.samples);
      else if (operation.op === "recorded") {
        const reading = this.#reading(operation.reading);
        reading.isRecorded = true;
        [reading.id] = operation.ids;
      } else if (operation.op === "started" || operation.op === "drained") {
        // The bookmark is written in one step with the items: it says of every reading whether the store ever held it.
        for (const [number, reading] of this.#readings)
          this.#settle(number, reading, operation.bookmark);
      }
    }
  }

  #intend(number: number, samples: readonly IntendedSample[]): void {
    const known = this.#readings.get(number);
    if (known === undefined)
      this.#readings.set(number, { samples, isRecorded: undefined, id: undefined });
    else known.isRecorded = undefined;
    for (const sample of samples) {
      const owner = this.#places.get(place(sample)) ?? number;
      if (owner !== number)
        throw new TypeError(`history: ${place(sample)} belongs to two readings`);
      this.#places.set(place(sample), number);
    }
  }

  #settle(number: number, reading: Reading, bookmark: number): void {
    const isInStore = number <= bookmark;
    if (reading.isRecorded === true && !isInStore) {
      const what = `reading ${number}: recorded, and gone from the device's own store`;
      this.#report("lost", what, { reading: number, id: reading.id });
      return;
    }
    reading.isRecorded = isInStore;
  }

  #reading(number: number): Reading {
    const reading = this.#readings.get(number);
    if (reading === undefined) throw new TypeError(`history: reading ${number} was never intended`);
    return reading;
  }

  #checkSamples(): void {
    const found = new Map<number, StoredSample[]>();
    for (const sample of this.#samples) {
      const number = this.#places.get(place(sample));
      if (number === undefined)
        this.#report("invented", `${place(sample)} in message ${sample.id}`);
      else (found.get(number) ?? newGroup(found, number)).push(sample);
    }
    for (const [number, reading] of this.#readings) {
      this.#checkReading(number, reading, found.get(number) ?? []);
    }
  }

  #checkReading(number: number, reading: Reading, stored: readonly StoredSample[]): void {
    const about = { reading: number, id: reading.id ?? stored[0]?.id };
    if (reading.isRecorded === false && stored.length > 0) {
      this.#report("invented", `reading ${number}, which the device's store never held`, about);
    }
    const missing = reading.samples.filter(
      (one) => !stored.some((other) => place(other) === place(one)),
    );
    if (missing.length > 0 && (reading.isRecorded === true || stored.length > 0)) {
      const what = `reading ${number}: ${missing.length} of ${reading.samples.length} samples`;
      this.#report("lost", what, about);
    }
    const places = stored.map(place);
    const doubled = places.filter((one, index) => places.indexOf(one) !== index);
    if (doubled.length > 0)
      this.#report("doubled", `reading ${number}: ${doubled.join(", ")}`, about);
    for (const sample of stored) this.#compare(number, sample, about);
  }

  #compare(number: number, stored: StoredSample, about: About): void {
    const { samples, id } = this.#reading(number);
    const meant = samples.find((one) => place(one) === place(stored));
    const what = `reading ${number}, ${place(stored)}`;
    if (meant !== undefined && !equalValues(meant.value, stored.value)) {
      this.#report(
        "altered",
        `${what}: ${String(meant.value)} became ${String(stored.value)}`,
        about,
      );
    }
    if (meant?.quarantine !== stored.quarantine) {
      this.#report("altered", `${what}: quarantine ${stored.quarantine ?? "none"}`, about);
    }
    if (stored.patient !== this.#device.patient) {
      this.#report("misfiled", `${what}: under patient ${stored.patient}`, about);
    }
    if (id !== undefined && stored.id !== id) {
      this.#report("misfiled", `${what}: in message ${stored.id} instead of ${id}`, about);
    }
  }

  #checkMessages(): void {
    const held = groupById(this.#samples);
    for (const [id, rows] of this.#messages) {
      if (rows.length > 1) this.#report("doubled", `message ${id}: ${rows.length} rows`, { id });
      for (const row of rows) {
        if (row.patient !== this.#device.patient) {
          this.#report("misfiled", `message ${id}: under patient ${row.patient}`, { id });
        }
        const samples = held.get(id)?.length ?? 0;
        if (row.samples !== samples) {
          this.#report(
            "altered",
            `message ${id}: its row counts ${row.samples} samples, it holds ${samples}`,
            { id },
          );
        }
      }
    }
    for (const id of held.keys()) {
      if (!this.#messages.has(id))
        this.#report("altered", `message ${id}: has samples and no row`, { id });
    }
  }

  #checkReceipts(): void {
    for (const operation of this.#device.operations) {
      if (operation.op !== "receipted") continue;
      const { id, name, outcome } = operation;
      const row = this.#messages.get(id)?.[0];
      if (row === undefined) {
        this.#report("receipt-for-nothing", `message ${id}`, { id });
      } else if (row.name !== name || row.outcome !== outcome) {
        const what = `message ${id}: receipt ${outcome} for ${name}, row ${row.outcome} for ${row.name}`;
        this.#report("receipt-differs", what, { id });
      }
    }
    for (const { id, samples } of this.#readings.values()) {
      const row = id === undefined ? undefined : this.#messages.get(id)?.[0];
      if (id === undefined || row === undefined) continue;
      const held = samples.filter(({ quarantine }) => quarantine !== undefined).length;
      const due = held === 0 ? 0 : held < samples.length ? 1 : 2;
      if (row.outcome !== due)
        this.#report("altered", `message ${id}: outcome ${row.outcome} instead of ${due}`, { id });
    }
  }

  #checkNumbers(): void {
    const posted = new Map<string, string>();
    const sessions = new Set<string>();
    for (const operation of this.#device.operations) {
      if (operation.op !== "posted") continue;
      const { sid, seq, hash } = operation;
      const number = `${sid}/${seq}`;
      sessions.add(sid);
      if ((posted.get(number) ?? hash) !== hash) {
        this.#report("number-reused", `${number} was posted with two envelopes`, { number });
      }
      posted.set(number, hash);
    }
    for (const [number, { sid, hash }] of this.#numbers) {
      // Sessions of the time before the history began (the enrolment) are not ours to judge.
      if (!sessions.has(sid)) continue;
      if (posted.get(number) !== hash) {
        this.#report(
          "number-reused",
          `${number} was used by an envelope that the device did not post`,
          { number },
        );
      }
    }
    for (const operation of this.#device.operations) {
      if (operation.op !== "answered" || (operation.status !== 200 && operation.status !== 202))
        continue;
      const number = `${operation.sid}/${operation.seq}`;
      if (this.#numbers.get(number)?.hash !== operation.hash) {
        this.#report("accepted-and-gone", `${number}, answered with ${operation.status}`, {
          number,
        });
      }
    }
  }

  #checkTroubles(): void {
    for (const { sid, reason } of this.#refused)
      this.#report("refused", `an envelope of ${sid}: ${reason}`);
    for (const operation of this.#device.operations) {
      if (operation.op === "kept") {
        this.#report("given-up", `message ${operation.id}: ${operation.reason}`, {
          id: operation.id,
        });
      } else if (operation.op === "alarm") {
        this.#report("given-up", `alarm ${operation.alarm}`);
      } else if (operation.op === "drained" && operation.left > 0) {
        this.#report("given-up", `${operation.left} items are left in the outbox`);
      }
    }
  }

  #report(kind: ViolationKind, what: string, about: About = {}): void {
    const operations = this.#device.operations.filter((one) => isAbout(one, about));
    this.#violations.push({ kind, device: this.#device.name, what, operations });
  }
}

interface About {
  readonly reading?: number;
  readonly id?: string | undefined;
  readonly number?: string;
}

function isAbout(operation: Operation, { reading, id, number }: About): boolean {
  switch (operation.op) {
    case "intended":
    case "recorded":
      return operation.reading === reading;
    case "receipted":
    case "kept":
      return operation.id === id;
    case "posted":
    case "answered":
      return `${operation.sid}/${operation.seq}` === number;
    case "started":
    case "drained":
      return reading !== undefined && Math.abs(operation.bookmark - reading) <= 1;
    case "alarm":
    case "problem":
    case "session":
      return false;
  }
}

function groupById<One extends { readonly id: string }>(
  all: readonly One[],
): ReadonlyMap<string, readonly One[]> {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const group = groups.get(one.id);
    if (group === undefined) groups.set(one.id, [one]);
    else group.push(one);
  }
  return groups;
}

function newGroup(groups: Map<number, StoredSample[]>, number: number): StoredSample[] {
  const group: StoredSample[] = [];
  groups.set(number, group);
  return group;
}

function equalValues(one: HistoryValue, other: HistoryValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
