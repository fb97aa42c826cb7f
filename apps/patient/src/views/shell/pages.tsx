import { lazy, type ReactElement } from "react";
import type { Place } from "../../app/navigation.ts";

const TodayView = lazy(() =>
  import("../today/today-view.tsx").then((m) => ({ default: m.TodayView })),
);
const SensorsView = lazy(() =>
  import("../sensors/sensors-view.tsx").then((m) => ({ default: m.SensorsView })),
);
const RecordView = lazy(() =>
  import("../record/record-view.tsx").then((m) => ({ default: m.RecordView })),
);
const ReadingView = lazy(() =>
  import("../reading/reading-view.tsx").then((m) => ({ default: m.ReadingView })),
);
const MyInformationView = lazy(() =>
  import("../my-information/my-information-view.tsx").then((m) => ({
    default: m.MyInformationView,
  })),
);
const TypeInView = lazy(() =>
  import("../type-in/type-in-view.tsx").then((m) => ({ default: m.TypeInView })),
);
const ImportView = lazy(() =>
  import("../import/import-view.tsx").then((m) => ({ default: m.ImportView })),
);
const SafetyView = lazy(() =>
  import("../safety/safety-view.tsx").then((m) => ({ default: m.SafetyView })),
);
const QueueView = lazy(() =>
  import("../queue/queue-view.tsx").then((m) => ({ default: m.QueueView })),
);
const SecurityView = lazy(() =>
  import("../security/security-view.tsx").then((m) => ({ default: m.SecurityView })),
);
const DevicesView = lazy(() =>
  import("../devices/devices-view.tsx").then((m) => ({ default: m.DevicesView })),
);
const UnlockSettingsView = lazy(() =>
  import("../unlock/unlock-settings-view.tsx").then((m) => ({ default: m.UnlockSettingsView })),
);
const PreferencesView = lazy(() =>
  import("../settings/preferences-view.tsx").then((m) => ({ default: m.PreferencesView })),
);

/** The screens that need nothing but their name, each loaded when it is first gone to. */
const PAGES: Readonly<Record<Extract<Place, string>, ReactElement>> = {
  today: <TodayView />,
  sensors: <SensorsView />,
  record: <RecordView />,
  safety: <SafetyView />,
  "my-information": <MyInformationView />,
  "type-in": <TypeInView />,
  import: <ImportView />,
  queue: <QueueView />,
  security: <SecurityView />,
  devices: <DevicesView />,
  "unlock-settings": <UnlockSettingsView />,
  preferences: <PreferencesView />,
};

/** The screen of a place. */
export function pageOf(place: Place): ReactElement {
  return typeof place === "object" ? <ReadingView id={place.reading} /> : PAGES[place];
}
