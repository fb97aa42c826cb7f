import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import { Suspense, useEffect, useMemo, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { NavigationContext } from "../../app/navigation.ts";
import type { OpenApp } from "../../app/open-app.ts";
import { OpenAppContext } from "../../app/open-app-context.ts";
import { useObserved, usePatientApp } from "../../app/patient-app-context.ts";
import { BottomBar } from "./bottom-bar.tsx";
import { LogAlarmBanner } from "./log-alarm-banner.tsx";
import { pageOf } from "./pages.tsx";
import "./shell.css";
import { StatusStrip } from "./status-strip.tsx";
import { useHistory } from "./use-history.ts";

/** The frame of everything behind the lock: strip, screen, bar. */
export function Shell({ app }: { readonly app: OpenApp }): ReactElement {
  const { t } = useTranslation("frame");
  const navigation = useHistory();
  const { place } = navigation;
  const content = useRef<HTMLElement>(null);
  const page = useMemo(() => pageOf(place), [place]);
  useEffect(() => {
    // Focus alone would scroll the screen under the strip.
    content.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [place]);
  return (
    <OpenAppContext value={app}>
      <NavigationContext value={navigation}>
        <div className="siphms-shell">
          <StatusStrip />
          <LogAlarmBanner />
          <NeedlessInvitation hospital={app.device.status().hospital?.name ?? ""} />
          <main id="content" tabIndex={-1} ref={content} className="siphms-content">
            <Suspense
              fallback={<Skeleton height={240} className="siphms-late" aria-label={t("loading")} />}
            >
              {page}
            </Suspense>
          </main>
          <BottomBar />
        </div>
      </NavigationContext>
    </OpenAppContext>
  );
}

/** Says that an invitation was opened here in vain. */
function NeedlessInvitation({ hospital }: { readonly hospital: string }): ReactElement | null {
  const { t } = useTranslation("frame");
  const app = usePatientApp();
  if (!useObserved(app.hasNeedlessInvitation)) return null;
  return (
    <Alert role="status" m="md">
      <Stack gap="xs">
        <Text>{t("alreadyConnected", { hospital })}</Text>
        <Button variant="default" onClick={() => app.forgetInvitation()}>
          {t("dismiss")}
        </Button>
      </Stack>
    </Alert>
  );
}
