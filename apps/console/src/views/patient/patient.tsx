import { Alert, Anchor, Group, Skeleton, Tabs, Title } from "@mantine/core";
import { patientPath, type PatientDetail } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useContext, useEffect, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { ApiError, callApi } from "../../client.ts";
import { StoreContext, usePatient, useStand } from "../../live/use-store.ts";
import { AlertStrip } from "../alerts/alert-strip.tsx";
import { RetryAlert } from "./retry-alert.tsx";
import { IdentityStrip } from "./identity-strip.tsx";
import "./patient.css";
import { Vitals } from "./vitals.tsx";

/** The parts of a patient's page, as they stand in the address. */
const TABS = ["vitals", "alerts", "plan", "messages", "devices", "quarantine"] as const;
type TabName = (typeof TABS)[number];

const Alerts = lazy(() =>
  import("../alerts/patient-alerts.tsx").then((m) => ({ default: m.PatientAlerts })),
);
const Messages = lazy(() =>
  import("../messages/patient-messages.tsx").then((m) => ({ default: m.PatientMessages })),
);
const Devices = lazy(() =>
  import("../devices/patient-devices.tsx").then((m) => ({ default: m.PatientDevices })),
);
const Plan = lazy(() =>
  import("../plan/patient-plan.tsx").then((m) => ({ default: m.PatientPlan })),
);
const Quarantine = lazy(() =>
  import("../quarantine/patient-quarantine.tsx").then((m) => ({ default: m.PatientQuarantine })),
);

/** One patient: who it is, always in sight, and below the vital signs, limits, messages, devices or what stands in quarantine. */
export function Patient(): ReactElement {
  const { id = "" } = useParams();
  const store = useContext(StoreContext);
  const { data, error, refetch } = useQuery({
    queryKey: ["patient", id, "detail"],
    queryFn: ({ signal }) => callApi<PatientDetail>(patientPath(id), { signal }),
  });
  useEffect(() => {
    if (data !== undefined) store.replace(data);
  }, [data, store]);
  const patient = usePatient(id);

  // Somebody else's patient and nobody's are the same here: the hospital answers both alike.
  if (error instanceof ApiError && error.status === 404) return <NoSuchPatient />;
  if (patient === undefined) {
    if (error !== null) return <RetryAlert error={error} onRetry={() => void refetch()} />;
    return <Skeleton height={320} className="siphms-late" />;
  }
  return (
    <div className="siphms-record">
      <IdentityStrip patient={patient} />
      <div className="siphms-record-content">
        {error === null ? null : <RetryAlert error={error} onRetry={() => void refetch()} />}
        <OpenAlerts id={id} />
        <PatientTabs key={id} id={id} quarantined={patient.quarantinedSamples} />
      </div>
    </div>
  );
}

/** The open alerts, in sight whatever is looked at; on their own part of the page they stand whole. */
function OpenAlerts({ id }: { readonly id: string }): ReactElement | null {
  const [params] = useSearchParams();
  return params.get("tab") === "alerts" ? null : <AlertStrip patient={id} />;
}

function NoSuchPatient(): ReactElement {
  const { t } = useTranslation("record");
  const { t: common } = useTranslation();
  return (
    <Alert role="alert" maw={560}>
      <Title order={1} size="h4">
        {common("error.notFound")}
      </Title>
      <p>{t("notFoundHelp")}</p>
      <Group>
        <Anchor component={Link} to="/">
          {common("back")}
        </Anchor>
        <Anchor component={Link} to="/emergency">
          {t("emergency")}
        </Anchor>
      </Group>
    </Alert>
  );
}

function PatientTabs({
  id,
  quarantined,
}: {
  readonly id: string;
  readonly quarantined: number;
}): ReactElement {
  const { t } = useTranslation("record");
  const [params, setParams] = useSearchParams();
  const open = useStand(id)?.open.length ?? 0;
  const countOf = (name: TabName): number =>
    name === "quarantine" ? quarantined : name === "alerts" ? open : 0;
  const tab = TABS.find((name) => name === params.get("tab")) ?? "vitals";
  const choose = (name: string | null): void =>
    setParams(name === null || name === "vitals" ? {} : { tab: name });
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List className="siphms-no-print" mb="sm">
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`tabs.${name}`)}
            {countOf(name) > 0 ? ` (${String(countOf(name))})` : ""}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab}>
        <Suspense fallback={<Skeleton height={240} className="siphms-late" />}>
          <Part name={tab} id={id} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}

function Part({ name, id }: { readonly name: TabName; readonly id: string }): ReactElement {
  if (name === "plan") return <Plan id={id} />;
  if (name === "alerts") return <Alerts id={id} />;
  if (name === "messages") return <Messages id={id} />;
  if (name === "devices") return <Devices id={id} />;
  if (name === "quarantine") return <Quarantine id={id} />;
  return <Vitals id={id} />;
}
