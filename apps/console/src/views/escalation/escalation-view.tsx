import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { CurrentEscalation, EscalationPeople } from "@siphms/api";
import { useRef, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { EscalationEditor } from "./escalation-editor.tsx";
import { EscalationSteps } from "./escalation-steps.tsx";
import { useEscalation, useEscalationPeople } from "./use-escalation.ts";

/** Whom an alert is handed on to that nobody has acknowledged in time, and changing it. */
export function EscalationView(): ReactElement {
  const { t } = useTranslation("notify");
  const escalation = useEscalation();
  const people = useEscalationPeople();
  return (
    <Stack gap="md" maw={860}>
      <Title order={1} size="h2">
        {t("escalation.title")}
      </Title>
      <Text maw={720}>{t("escalation.intro")}</Text>
      <ProblemAlert error={escalation.error} onRetry={() => void escalation.refetch()} />
      <ProblemAlert error={people.error} onRetry={() => void people.refetch()} />
      {escalation.data === undefined || people.data === undefined ? (
        <Skeleton height={200} className="siphms-late" />
      ) : (
        <Policy escalation={escalation.data} people={people.data.people} />
      )}
    </Stack>
  );
}

interface PolicyProps {
  readonly escalation: CurrentEscalation;
  readonly people: EscalationPeople["people"];
}

function Policy({ escalation, people }: PolicyProps): ReactElement {
  const { t } = useTranslation("notify");
  const [isChanging, setChanging] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const wasChanging = useRef(false);
  // The form and what had the focus in it are gone: the keyboard goes on where it began.
  const goOnHere = (button: HTMLElement | null): void => {
    if (wasChanging.current) button?.focus();
  };
  if (isChanging) {
    return (
      <EscalationEditor
        escalation={escalation}
        people={people}
        onClose={() => setChanging(false)}
        onSet={() => {
          setChanging(false);
          setSaved(true);
        }}
      />
    );
  }
  return (
    <>
      <Text size="sm" role="status">
        {isSaved ? t("escalation.saved") : ""}
      </Text>
      <Fault escalation={escalation} />
      <EscalationSteps escalation={escalation} people={people} />
      <div>
        <Button
          variant="default"
          ref={goOnHere}
          onClick={() => {
            wasChanging.current = true;
            setSaved(false);
            setChanging(true);
          }}
        >
          {t("escalation.change")}
        </Button>
      </div>
    </>
  );
}

function Fault({ escalation }: Pick<PolicyProps, "escalation">): ReactElement | null {
  const { t } = useTranslation("notify");
  const { steps, altered } = escalation;
  if (altered === true) {
    return (
      <Alert role="alert" variant="outline" color="var(--siphms-technical)">
        {t("escalation.altered")} {t("escalation.alteredHelp")}
      </Alert>
    );
  }
  if (steps.length > 0) return null;
  return (
    <Alert role="status">
      {t("escalation.nobody")} {t("escalation.nobodyHelp")}
    </Alert>
  );
}
