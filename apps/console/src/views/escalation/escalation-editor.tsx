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
  type EscalationDraft,
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

  // What was wrong is being mended: it is judged anew when it is saved.
  const change = (changed: EscalationDraft): void => {
    setDraft(changed);
    setFaults({ ...faults, steps: NO_FAULTS.steps });
  };
  const writeReason = (text: string): void => {
    setReason(text);
    setFaults({ ...faults, isReasonShort: false });
  };
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
        <Title order={2} size="h4" tabIndex={-1} ref={takeFocus}>
          {t("escalation.edit")}
        </Title>
        <Steps draft={draft} people={people} faults={faults.steps} onChange={change} />
        <Reason value={reason} isShort={faults.isReasonShort} onChange={writeReason} />
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

interface ReasonProps {
  readonly value: string;
  readonly isShort: boolean;
  readonly onChange: (text: string) => void;
}

function Reason({ value, isShort, onChange }: ReasonProps): ReactElement {
  const { t } = useTranslation("notify");
  const { min, max } = REASON_LENGTH;
  return (
    <Textarea
      label={t("escalation.reason")}
      description={t("escalation.reasonHelp", { min })}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={isShort ? t("escalation.reasonShort", { min }) : undefined}
      maxLength={max}
      rows={3}
      dir="auto"
      required
    />
  );
}

interface StepsProps extends Pick<EscalationEditorProps, "people"> {
  readonly draft: EscalationDraft;
  readonly faults: Faults["steps"];
  readonly onChange: (draft: EscalationDraft) => void;
}

/** Every step, and one more as long as the hospital takes it. */
function Steps({ draft, people, faults, onChange }: StepsProps): ReactElement {
  const { t } = useTranslation("notify");
  return (
    <>
      {draft.length === 0 ? <Text>{t("escalation.noSteps")}</Text> : null}
      {draft.map((step, index) => (
        <StepFields
          key={step.key}
          number={index + 1}
          step={step}
          people={people}
          faults={faults.get(step.key) ?? new Set()}
          onChange={(change) => onChange(withChange(draft, step.key, change))}
          onRemove={() => onChange(withoutStep(draft, step.key))}
        />
      ))}
      {draft.length >= MAX_STEPS ? null : (
        <div>
          <Button variant="default" onClick={() => onChange(withStep(draft))}>
            {t("escalation.addStep")}
          </Button>
        </div>
      )}
    </>
  );
}

/** What was pressed to come here is gone: the keyboard goes on at the heading. */
function takeFocus(heading: HTMLElement | null): void {
  heading?.focus();
}

function namesOf(people: EscalationPeople["people"]): ReadonlySet<string> {
  return new Set(people.map(({ name }) => name));
}
