import { Alert, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../session/session.ts";
import "../parts/parts.css";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { DecisionBar } from "./decision-bar.tsx";
import { entryKey } from "./entry-key.ts";
import { QuarantineCard } from "./quarantine-card.tsx";
import "./quarantine.css";
import { useQuarantine, type QuarantineState } from "./use-quarantine.ts";

const STATES: readonly QuarantineState[] = ["held", "decided"];

/** Props of {@link PatientQuarantine}. */
export interface PatientQuarantineProps {
  /** The patient's. */
  readonly id: string;
}

/** What stands in a patient's quarantine with its reasons and values, and what was decided about it by whom. */
export function PatientQuarantine({ id }: PatientQuarantineProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const [state, setState] = useState<QuarantineState>("held");
  return (
    <Stack gap="md" maw={860}>
      <Title order={2} size="h4">
        {t("title")}
      </Title>
      <Text>{t("intro")}</Text>
      <SegmentedControl
        transitionDuration={0}
        aria-label={t("show")}
        value={state}
        onChange={(chosen) => setState(STATES.find((one) => one === chosen) ?? "held")}
        data={STATES.map((one) => ({ value: one, label: t(one) }))}
        w="fit-content"
      />
      <Entries key={state} patient={id} state={state} />
    </Stack>
  );
}

interface EntriesProps {
  readonly patient: string;
  readonly state: QuarantineState;
}

function Entries({ patient, state }: EntriesProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const { role } = useSignedIn().staff;
  const answer = useQuarantine(patient, state);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  if (answer.data === undefined) {
    if (answer.error === null) return <Skeleton height={200} className="siphms-late" />;
    return <ProblemAlert error={answer.error} onRetry={() => void answer.refetch()} />;
  }
  const { entries, more } = answer.data;
  const isDoctor = role === "doctor";
  const toggle = (key: string): void => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    setChosen(next);
  };
  return (
    <Stack gap="sm">
      {isDoctor ? (
        <DecisionBar
          patient={patient}
          entries={entries.filter((entry) => chosen.has(entryKey(entry)))}
          onDecided={() => setChosen(new Set())}
        />
      ) : (
        <Alert variant="light">{t("nurse")}</Alert>
      )}
      {entries.length === 0 ? (
        <Text role="status">{t(state === "held" ? "noneHeld" : "noneDecided")}</Text>
      ) : null}
      <ul className="siphms-cards">
        {entries.map((entry) => (
          <QuarantineCard
            key={entryKey(entry)}
            patient={patient}
            entry={entry}
            isChosen={chosen.has(entryKey(entry))}
            {...(isDoctor ? { onToggle: () => toggle(entryKey(entry)) } : {})}
          />
        ))}
      </ul>
      {more ? <Text size="sm">{t("more", { count: entries.length })}</Text> : null}
    </Stack>
  );
}
