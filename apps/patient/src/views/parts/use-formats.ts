import { useMemo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import { createFormats, type Formats } from "../../readings/format.ts";
import type { UnitPreferences } from "../../readings/units.ts";

/** The units that the person chose, kept up to date. */
export function useUnits(): UnitPreferences {
  const { preferences } = useOpenApp();
  return useSyncExternalStore(preferences.subscribe, preferences.snapshot).units;
}

/** What writes values and times in the person's language and units. */
export function useFormats(): Formats {
  const units = useUnits();
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => createFormats(language, units, navigator.languages), [language, units]);
}
