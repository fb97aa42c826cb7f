import { Button, List, Loader, Text } from "@mantine/core";
import { lazy, Suspense, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useStage } from "../app/patient-app-context.ts";
import type { AppStage, FailureCode, MissingFeature } from "../app/stage.ts";
import { reload } from "../app/reload.ts";
import { FrontPage } from "./front-page.tsx";
import { LockView } from "./unlock/lock-view.tsx";
import { UpdateNotice } from "./update-notice.tsx";
import { ConfirmedView } from "./welcome/confirmed-view.tsx";
import { EnrollingView } from "./welcome/enrolling-view.tsx";
import { PendingView } from "./welcome/pending-view.tsx";
import { WelcomeView } from "./welcome/welcome-view.tsx";

const Shell = lazy(() =>
  import("./shell/shell.tsx").then(({ Shell: component }) => ({ default: component })),
);

/** The app: the screen of the stage that it is in. */
export function App(): ReactElement {
  const stage = useStage();
  return (
    <>
      <UpdateNotice />
      <Suspense fallback={<Starting />}>
        <Screen stage={stage} />
      </Suspense>
    </>
  );
}

function Screen({ stage }: { readonly stage: AppStage }): ReactElement {
  switch (stage.kind) {
    case "starting":
      return <Starting />;
    case "unsupported":
      return <Unsupported missing={stage.missing} />;
    case "elsewhere":
      return <Elsewhere />;
    case "failed":
      return <Failed code={stage.code} />;
    case "welcome":
      return <WelcomeView stage={stage} />;
    case "enrolling":
      return <EnrollingView stage={stage} />;
    case "pending":
      return <PendingView stage={stage} />;
    case "confirmed":
      return <ConfirmedView stage={stage} />;
    case "locked":
      return <LockView stage={stage} />;
    case "open":
      return <Shell app={stage.app} />;
    case "wiped":
      return <Wiped />;
  }
}

function Starting(): ReactElement {
  const { t } = useTranslation("welcome");
  return (
    <main className="siphms-starting" aria-busy="true" aria-label={t("starting")}>
      {/* Appears only where it takes longer than a blink: see app.css. */}
      <Loader className="siphms-late" aria-hidden="true" />
    </main>
  );
}

function Unsupported({ missing }: { readonly missing: readonly MissingFeature[] }): ReactElement {
  const { t } = useTranslation("welcome");
  return (
    <FrontPage title={t("unsupportedTitle")}>
      <Text>{t("unsupportedHelp")}</Text>
      <List>
        {missing.map((feature) => (
          <List.Item key={feature}>{t(`missing.${feature}`)}</List.Item>
        ))}
      </List>
    </FrontPage>
  );
}

function Elsewhere(): ReactElement {
  const { t } = useTranslation("welcome");
  return (
    <FrontPage title={t("elsewhereTitle")}>
      <Text>{t("elsewhereHelp")}</Text>
    </FrontPage>
  );
}

function Failed({ code }: { readonly code: FailureCode }): ReactElement {
  const { t } = useTranslation(["welcome", "problems"]);
  return (
    <FrontPage title={t("failedTitle")}>
      <Text>{t(`problems:${code}`)}</Text>
      <Button onClick={reload}>{t("reload")}</Button>
    </FrontPage>
  );
}

function Wiped(): ReactElement {
  const { t } = useTranslation("welcome");
  return (
    <FrontPage title={t("wipedTitle")}>
      <Text>{t("wipedHelp")}</Text>
      <Button onClick={reload}>{t("beginAgain")}</Button>
    </FrontPage>
  );
}
