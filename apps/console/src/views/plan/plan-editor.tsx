import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { REASON_LENGTH, type PatientPlan, type PlanRules } from "@siphms/api";
import { useRef, useState, type ReactElement, type SyntheticEvent } from "react";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { checkDraft, NO_FAULTS } from "./check-draft.ts";
import { draftOf, type PlanDraft } from "./plan-draft.ts";
import { PlanFields } from "./plan-fields.tsx";
import { inOrder } from "./plan-numbers.ts";
import { usePlanWords } from "./plan-words.ts";
import { TemplateChoice } from "./template-choice.tsx";
import { useSetPlan } from "./use-plan.ts";

/** Props of {@link PlanEditor}. */
export interface PlanEditorProps {
  readonly patient: string;
  /** What is changed. */
  readonly plan: PatientPlan;
  readonly onClose: () => void;
  readonly onSet: () => void;
}

/** Changes what is watched about a patient: every limit, begun from what holds or from a template, with the reason. */
export function PlanEditor({ patient, plan, onClose, onSet }: PlanEditorProps): ReactElement {
  const words = usePlanWords();
  const { t } = words;
  const [draft, setDraft] = useState(() => begin(plan.rules));
  const [reason, setReason] = useState("");
  const [isOrdered, setOrdered] = useState(false);
  const [faults, setFaults] = useState(NO_FAULTS);
  const said = useRef<HTMLDivElement>(null);
  const setPlan = useSetPlan(patient);
  const isScale2New = plan.rules.news2?.spo2Scale !== 2;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const isOrderMissing = isScale2New && !isOrdered;
    const { rules, faults: found } = checkDraft(draft, { reason, isOrderMissing }, words);
    setFaults(found);
    if (rules === undefined) said.current?.focus();
    else {
      const { version } = plan;
      setPlan.mutate({ version, rules, reason: reason.trim() }, { onSuccess: onSet });
    }
  };

  return (
    <form noValidate onSubmit={submit} aria-label={t("edit")}>
      <Stack gap="lg">
        <TemplateChoice
          chosen={draft.template}
          onChoose={(rules) => {
            setDraft(begin(rules));
            setOrdered(false);
          }}
        />
        <PlanFields
          draft={draft}
          onChange={(change) => setDraft({ ...draft, ...change })}
          isWrong={(field) => faults.fields.has(field)}
          order={isScale2New ? { isGiven: isOrdered, onGive: setOrdered } : null}
        />
        <ReasonField reason={reason} onChange={setReason} isShort={faults.isReasonShort} />
        {/* It has to be there before something is said in it, and what is wrong has to be found by the keyboard. */}
        <div ref={said} tabIndex={-1} role="alert" className="siphms-plan-said">
          {faults.words === undefined ? null : (
            <Alert variant="outline" color="var(--siphms-technical)" role="presentation">
              {faults.words}
            </Alert>
          )}
        </div>
        <ProblemAlert error={setPlan.error} words={{ conflict: t("conflict") }} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={setPlan.isPending}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ReasonFieldProps {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
  readonly isShort: boolean;
}

function ReasonField({ reason, onChange, isShort }: ReasonFieldProps): ReactElement {
  const { t } = usePlanWords();
  const { min, max } = REASON_LENGTH;
  return (
    <Textarea
      label={t("reason")}
      description={t("reasonHelp", { min })}
      value={reason}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={isShort ? t("reasonShort", { min }) : undefined}
      maxLength={max}
      rows={3}
      dir="auto"
      required
    />
  );
}

/** In the order in which the charts stand, whatever the plan's own is. */
function begin(rules: PlanRules): PlanDraft {
  const draft = draftOf(rules);
  return { ...draft, limits: inOrder(draft.limits), changes: inOrder(draft.changes) };
}
