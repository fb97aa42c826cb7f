import { lazy, type ReactElement } from "react";
import type { Place } from "../../app/navigation.ts";

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

/** The screen of a place, each loaded when it is first gone to. */
export function pageOf(place: Place): ReactElement {
  if (typeof place === "object") return <SafetyView />;
  switch (place) {
    case "queue":
      return <QueueView />;
    case "security":
      return <SecurityView />;
    case "devices":
      return <DevicesView />;
    case "unlock-settings":
      return <UnlockSettingsView />;
    case "preferences":
      return <PreferencesView />;
    case "today":
    case "sensors":
    case "record":
    case "my-information":
    case "type-in":
    case "import":
    case "safety":
      return <SafetyView />;
  }
}
