import { lazy, type ComponentType } from "react";
import type { PlaceName } from "./places.ts";

/** The screen of each place; each is loaded when it is first gone to. */
export const SCREENS: Readonly<Record<PlaceName, ComponentType>> = {
  worklist: lazy(() => import("../worklist/worklist.tsx").then((m) => ({ default: m.Worklist }))),
  alerts: lazy(() => import("../alerts/alerts-view.tsx").then((m) => ({ default: m.AlertsView }))),
  patient: lazy(() => import("../patient/patient.tsx").then((m) => ({ default: m.Patient }))),
  evidence: lazy(() =>
    import("../evidence/evidence-view.tsx").then((m) => ({ default: m.EvidenceView })),
  ),
  gateways: lazy(() =>
    import("../gateways/gateways-view.tsx").then((m) => ({ default: m.GatewaysView })),
  ),
  system: lazy(() => import("../system/system-view.tsx").then((m) => ({ default: m.SystemView }))),
  start: lazy(() =>
    import("../first-run/first-run-view.tsx").then((m) => ({ default: m.FirstRunView })),
  ),
  register: lazy(() =>
    import("../register/register-view.tsx").then((m) => ({ default: m.RegisterView })),
  ),
  patients: lazy(() =>
    import("../registry/registry-view.tsx").then((m) => ({ default: m.RegistryView })),
  ),
  emergency: lazy(() =>
    import("../break-glass/break-glass.tsx").then((m) => ({ default: m.BreakGlass })),
  ),
  people: lazy(() => import("../people/people.tsx").then((m) => ({ default: m.People }))),
  escalation: lazy(() =>
    import("../escalation/escalation-view.tsx").then((m) => ({ default: m.EscalationView })),
  ),
  care: lazy(() => import("../care/care.tsx").then((m) => ({ default: m.Care }))),
  reviews: lazy(() => import("../privacy/reviews.tsx").then((m) => ({ default: m.Reviews }))),
  activity: lazy(() =>
    import("../activity/activity-view.tsx").then((m) => ({ default: m.ActivityView })),
  ),
  audit: lazy(() => import("../audit/audit-view.tsx").then((m) => ({ default: m.AuditView }))),
  accessLog: lazy(() =>
    import("../privacy/access-log.tsx").then((m) => ({ default: m.AccessLog })),
  ),
  account: lazy(() => import("../account/account.tsx").then((m) => ({ default: m.Account }))),
};
