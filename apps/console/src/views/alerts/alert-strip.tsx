import { Anchor, Button, Text } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import { useMemo, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useStand } from "../../live/use-store.ts";
import { Age } from "../live-age.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { compareAlerts } from "./alert-order.ts";
import { alertWords } from "./alert-words.ts";
import "./alerts.css";
import { AlertsFailed } from "./alerts-failed.tsx";
import { LevelBadge } from "./level-badge.tsx";
import { useAcknowledge } from "./use-alert-acts.ts";
import { useSeen } from "./use-seen.ts";

/** The open alerts of one patient in a line each, above whatever part of the page is open; nothing where there are none. */
export function AlertStrip({ patient }: { readonly patient: string }): ReactElement | null {
  const { t } = useTranslation("alerts");
  const stand = useStand(patient);
  const strip = useRef<HTMLElement>(null);
  const all = useRef<HTMLAnchorElement>(null);
  const open = useMemo(() => stand?.open.toSorted(compareAlerts) ?? [], [stand?.open]);
  useSeen(strip, open);
  return (
    <>
      <AlertsFailed />
      <section
        ref={strip}
        aria-label={t("strip.title")}
        hidden={open.length === 0}
        className="siphms-alert-strip"
      >
        <ul>
          {open.map((alert) => (
            <StripLine
              key={alert.id}
              alert={alert}
              // The button goes with it: the focus goes on.
              onDone={() => all.current?.focus()}
            />
          ))}
        </ul>
        <Anchor
          ref={all}
          component={Link}
          to="?tab=alerts"
          size="sm"
          underline="always"
          className="siphms-no-print"
        >
          {t("strip.all")}
        </Anchor>
      </section>
    </>
  );
}

function StripLine({
  alert,
  onDone,
}: {
  readonly alert: ApiAlert;
  readonly onDone: () => void;
}): ReactElement {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const acknowledge = useAcknowledge(alert);
  const { what } = alertWords(alert.finding, { t, common });
  return (
    <li>
      <LevelBadge alert={alert} />
      <Text size="sm" component="span" data-alert={alert.id}>
        {what}
      </Text>
      <Text size="sm" component="span" c="dimmed">
        {t("raised")} <Age at={alert.raised} stepMs={5_000} />
      </Text>
      {alert.acknowledged === undefined ? (
        <Button
          size="xs"
          variant="default"
          className="siphms-no-print"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate(undefined, { onSuccess: onDone })}
          aria-label={t("acknowledgeOf", { what })}
        >
          {t("acknowledge")}
        </Button>
      ) : null}
      <ProblemAlert
        error={acknowledge.error}
        words={{ conflict: t("gone"), "not-found": t("gone") }}
      />
    </li>
  );
}
