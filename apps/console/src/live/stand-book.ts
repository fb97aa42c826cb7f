import type { AlertStand, ApiAlert } from "@siphms/api";

/**
 * The stands of all patients' alerts. A list that was long on its way never covers what the stream has told meanwhile: each
 * stand that the stream tells is one turn, and a list counts from the turn in which it was asked for.
 */
export class StandBook {
  #stands = new Map<string, AlertStand>();
  readonly #told = new Map<string, number>();
  #turn = 0;
  #open: readonly ApiAlert[] | undefined;

  /** How many stands the stream has told. */
  get turn(): number {
    return this.#turn;
  }

  readonly get = (patient: string): AlertStand | undefined => this.#stands.get(patient);

  /** Every open alert; the very same list until a stand changed. */
  open(): readonly ApiAlert[] {
    this.#open ??= [...this.#stands.values()].flatMap(({ open }) => open);
    return this.#open;
  }

  /**
   * Takes what the stream has told of one patient.
   *
   * @returns Whether the open alerts are other ones; often only the score is.
   */
  set(patient: string, { open, news2 }: AlertStand): boolean {
    this.#turn += 1;
    this.#told.set(patient, this.#turn);
    const known = this.#stands.get(patient)?.open;
    const isSame = known !== undefined && JSON.stringify(known) === JSON.stringify(open);
    this.#stands.set(patient, { open: isSame ? known : open, news2 });
    if (!isSame) this.#open = undefined;
    return !isSame;
  }

  /**
   * Takes a whole list; who is not on it any more is forgotten.
   *
   * @param askedIn - The turn in which the hospital was asked.
   * @returns Whose stands have changed.
   */
  replaceAll(stands: Readonly<Record<string, AlertStand>>, askedIn: number): ReadonlySet<string> {
    const before = this.#stands;
    this.#stands = new Map(Object.entries(stands));
    for (const [patient, turn] of this.#told) {
      const told = before.get(patient);
      if (turn > askedIn && told !== undefined) this.#stands.set(patient, told);
      else this.#told.delete(patient);
    }
    const changed = new Set([...before.keys(), ...this.#stands.keys()]);
    // Asked for again and again, the list is mostly the same: nothing is drawn for that.
    for (const [patient, known] of before) {
      if (JSON.stringify(known) !== JSON.stringify(this.#stands.get(patient))) continue;
      this.#stands.set(patient, known);
      changed.delete(patient);
    }
    if (changed.size > 0) this.#open = undefined;
    return changed;
  }
}
