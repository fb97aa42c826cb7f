import { decodeCbor, encodeCbor, CoseError, type Bytes } from "@siphms/cose";
import { unitsFor, type UnitPreferences } from "../readings/units.ts";
import { Observed, type Observable } from "../observable.ts";
import type { SealedEntries } from "../journal/index.ts";

const ENTRY = "preferences";

/** What a patient chose for the screens behind the lock; sealed, since which units one uses says what one measures. */
export interface PreferenceValues {
  readonly units: UnitPreferences;
}

/** The patient's choices, durable. */
export interface Preferences extends Observable<PreferenceValues> {
  readonly units: UnitPreferences;
  /** Changes some of them; resolves when that is durable. @throws {PatientError} `STORE_FAILED`, `STORE_FULL`. */
  change(values: Partial<PreferenceValues>): Promise<void>;
}

/** Loads the choices; what was not chosen follows the locale, and so does what a damaged entry said. */
export async function openPreferences(
  entries: SealedEntries,
  locale: string,
): Promise<Preferences> {
  const values = new Observed<PreferenceValues>({
    units: { ...unitsFor(locale), ...readUnits(await entries.load(ENTRY)) },
  });
  return {
    snapshot: values.snapshot,
    subscribe: values.subscribe,
    get units() {
      return values.snapshot().units;
    },
    change: async (changed) => {
      const next = { ...values.snapshot(), ...changed };
      await entries.store(ENTRY, encodeCbor([next.units.temperature, next.units.glucose]));
      values.set(next);
    },
  };
}

function readUnits(bytes: Bytes | undefined): Partial<UnitPreferences> {
  if (bytes === undefined) return {};
  const [temperature, glucose] = readTexts(bytes);
  return {
    ...(temperature === "celsius" || temperature === "fahrenheit" ? { temperature } : {}),
    ...(glucose === "mg/dL" || glucose === "mmol/L" ? { glucose } : {}),
  };
}

function readTexts(bytes: Bytes): readonly unknown[] {
  try {
    const value = decodeCbor(bytes);
    return Array.isArray(value) ? value : [];
  } catch (error) {
    if (error instanceof CoseError) return [];
    throw error;
  }
}
