import { Alert, Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { REASON_LENGTH, type CurrentEscalation, type EscalationPeople } from "@siphms/api";
import { useRef, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import {
  draftOf,
  MAX_STEPS,
  readDraft,
  withChange,
  withoutStep,
  withStep,
  type StepFault,
} from "./escalation-draft.ts";
import { StepFields } from "./step-fields.tsx";
import { useSetEscalation } from "./use-escalation.ts";

/** Props of {@link EscalationEditor}. */
export interface EscalationEditorProps {
  /** What is changed. */
  readonly escalation: CurrentEscalation;
  readonly people: EscalationPeople["people"];
  readonly onClose: () => void;
  readonly onSet: () => void;
}

interface Faults {
  readonly steps: ReadonlyMap<number, ReadonlySet<StepFault>>;
  readonly isReasonShort: boolean;
}

const NO_FAULTS: Faults = { steps: new Map(), isReasonShort: false };

/** Changes whom alerts are handed on to, with the reason. */
export function EscalationEditor(props: EscalationEditorProps): ReactElement {
  const { escalation, people, onClose, onSet } = props;
  const { t } = useTranslation("notify");
  // What is being changed is what was on the screen when it began: another version by now is a conflict.
  const [{ version, steps }] = useState(escalation);
  const [draft, setDraft] = useState(() => draftOf(steps, namesOf(people)));
  const [reason, setReason] = useState("");
  const [faults, setFaults] = useState(NO_FAULTS);
  const said = useRef<HTMLDivElement>(null);
  const set = useSetEscalation();
  const isWrong = faults.steps.size > 0 || faults.isReasonShort;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const read = readDraft(draft);
    const isReasonShort = reason.trim().length < REASON_LENGTH.min;
    setFaults({ steps: read.kind === "wrong" ? read.faults : new Map(), isReasonShort });
    if (read.kind === "wrong" || isReasonShort) {
      said.current?.focus();
      return;
    }
    set.mutate({ version, steps: read.steps, reason: reason.trim() }, { onSuccess: onSet });
  };

  return (
    <form noValidate onSubmit={submit} aria-label={t("escalation.edit")}>
      <Stack gap="lg">
        <Title order={2} size="h4">
          {t("escalation.edit")}
        </Title>
        {draft.length === 0 ? <Text>{t("escalation.noSteps")}</Text> : null}
        {draft.map((step, index) => (
          <StepFields
            key={step.key}
            number={index + 1}
            step={step}
            people={people}
            faults={faults.steps.get(step.key) ?? new Set()}
            onChange={(change) => setDraft(withChange(draft, step.key, change))}
            onRemove={() => setDraft(withoutStep(draft, step.key))}
          />
        ))}
        {draft.length >= MAX_STEPS ? null : (
          <div>
            <Button variant="default" onClick={() => setDraft(withStep(draft))}>
              {t("escalation.addStep")}
            </Button>
          </div>
        )}
        <Textarea
          label={t("escalation.reason")}
          description={t("escalation.reasonHelp", { min: REASON_LENGTH.min })}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          error={
            faults.isReasonShort
              ? t("escalation.reasonShort", { min: REASON_LENGTH.min })
              : undefined
          }
          maxLength={REASON_LENGTH.max}
          rows={3}
          dir="auto"
          required
        />
        {/* It has to be there before something is said in it, and what is wrong has to be found by the keyboard. */}
        <div ref={said} tabIndex={-1} role="alert">
          {isWrong ? (
            <Alert variant="outline" color="var(--siphms-technical)" role="presentation">
              {t("escalation.wrong")}
            </Alert>
          ) : null}
        </div>
        <ProblemAlert error={set.error} words={{ conflict: t("escalation.conflict") }} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("escalation.cancel")}
          </Button>
          <Button type="submit" loading={set.isPending}>
            {t("escalation.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function namesOf(people: EscalationPeople["people"]): ReadonlySet<string> {
  return new Set(people.map(({ name }) => name));
}
