import { lazy, useContext, type ComponentType, type ReactElement } from "react";
import { ListContext } from "../../live/with-records.tsx";
import type { PlaceName } from "./places.ts";

const WorklistView = lazy(() => import("../worklist.tsx").then((m) => ({ default: m.Worklist })));

function Worklist(): ReactElement {
  const { loading, fetchedAt } = useContext(ListContext);
  return <WorklistView loading={loading} fetchedAt={fetchedAt} />;
}

/** The screen of each place that has one; each is loaded when it is first gone to. */
export const SCREENS: Readonly<Partial<Record<PlaceName, ComponentType>>> = {
  worklist: Worklist,
  patient: lazy(() => import("../patient.tsx").then((m) => ({ default: m.Patient }))),
  register: lazy(() =>
    import("../register/register-view.tsx").then((m) => ({ default: m.RegisterView })),
  ),
  patients: lazy(() =>
    import("../registry/registry-view.tsx").then((m) => ({ default: m.RegistryView })),
  ),
};

/** The places that have a screen. */
export const EXISTING: ReadonlySet<PlaceName> = new Set(Object.keys(SCREENS) as PlaceName[]);
