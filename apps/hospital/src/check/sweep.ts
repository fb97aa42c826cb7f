/** One thing that is not as it should be. Names rows by their keys, never by what is in them. */
export interface Finding {
  readonly check: string;
  readonly subject: string;
  readonly detail: string;
}

/** The outcome of one sweep. */
export interface Sweep {
  readonly check: string;
  readonly swept: number;
  readonly findings: readonly Finding[];
  /** What an operator should know, and is no fault. */
  readonly notes?: readonly Finding[];
}

/** Collects what one sweep finds, under its name. */
export function createSweep(check: string) {
  const findings: Finding[] = [];
  const notes: Finding[] = [];
  return {
    /** A fault: `siphms check` ends with exit code 1. */
    find(subject: string, detail: string): void {
      findings.push({ check, subject, detail });
    },
    note(subject: string, detail: string): void {
      notes.push({ check, subject, detail });
    },
    done: (swept: number): Sweep => ({ check, swept, findings, notes }),
  };
}

/** A sweep that is still to be made. */
export interface PlannedSweep {
  readonly check: string;
  readonly run: () => Promise<Sweep> | Sweep;
}

/** Makes a sweep. One that fails is a finding itself, and hides nothing that the others find. */
export async function makeSweep({ check, run }: PlannedSweep): Promise<Sweep> {
  try {
    return await run();
  } catch {
    // Not why: the error may name what no report is to hold.
    const detail = "could not be looked at to its end: what it would have found is not known";
    return { check, swept: 0, findings: [{ check, subject: "sweep", detail }] };
  }
}
