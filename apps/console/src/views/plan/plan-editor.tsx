import { Alert, Button, Group, NativeSelect, Stack, Text, Textarea } from "@mantine/core";
import { REASON_LENGTH, type PatientPlan, type PlanRules } from "@siphms/api";
import { useRef, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { ChangeFields } from "./change-fields.tsx";
import { DeviceFields } from "./device-fields.tsx";
import { faultText } from "./fault-text.ts";
import { LimitFields } from "./limit-fields.tsx";
import { News2Fields } from "./news2-fields.tsx";
import { NoDataFields } from "./no-data-fields.tsx";
import { draftOf, readDraft, type PlanDraft } from "./plan-draft.ts";
import { inOrder } from "./plan-numbers.ts";
import { usePlanWords } from "./plan-words.ts";
import { usePlanTemplates, useSetPlan } from "./use-plan.ts";

/** Props of {@link PlanEditor}. */
export interface PlanEditorProps {
  readonly patient: string;
  /** What is changed. */
  readonly plan: PatientPlan;
  readonly onClose: () => void;
  readonly onSet: () => void;
}

/** What stops a plan from being saved, as far as the page can tell. */
interface Faults {
  readonly fields: ReadonlySet<string>;
  readonly words: string | undefined;
  readonly isReasonShort: boolean;
}

const NO_FAULTS: Faults = { fields: new Set(), words: undefined, isReasonShort: false };

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
  const change = (part: Partial<PlanDraft>): void => setDraft({ ...draft, ...part });
  const isWrong = (field: string): boolean => faults.fields.has(field);
  const isScale2New = plan.rules.news2?.spo2Scale !== 2;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const read = readDraft(draft);
    const isReasonShort = reason.trim().length < REASON_LENGTH.min;
    const needsOrder = isScale2New && draft.news2.isScored && draft.news2.spo2Scale === 2;
    const fault = read.kind === "good" ? undefined : faultText(read, draft, words);
    const found = fault ?? (needsOrder && !isOrdered ? t("news2.orderMissing") : undefined);
    setFaults({
      fields: read.kind === "unreadable" ? read.fields : new Set(),
      words: found ?? (isReasonShort ? t("reasonMissing") : undefined),
      isReasonShort,
    });
    if (read.kind !== "good" || found !== undefined || isReasonShort) {
      said.current?.focus();
      return;
    }
    const { version } = plan;
    setPlan.mutate({ version, rules: read.rules, reason: reason.trim() }, { onSuccess: onSet });
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
        <Part title={t("parts.limits")}>
          <Text size="sm">{t("limitsHelp")}</Text>
          <LimitFields
            limits={draft.limits}
            onChange={(limits) => change({ limits })}
            isWrong={isWrong}
          />
        </Part>
        <Part title={t("parts.changes")}>
          <ChangeFields
            changes={draft.changes}
            onChange={(changes) => change({ changes })}
            isWrong={isWrong}
          />
        </Part>
        <Part title={t("parts.news2")}>
          <News2Fields
            news2={draft.news2}
            onChange={(part) => change({ news2: { ...draft.news2, ...part } })}
            isWrong={isWrong}
            order={isScale2New ? { isGiven: isOrdered, onGive: setOrdered } : null}
          />
        </Part>
        <Part title={t("parts.noData")}>
          <Text size="sm">{t("noDataHelp")}</Text>
          <NoDataFields
            noData={draft.noData}
            onChange={(noData) => change({ noData })}
            isWrong={isWrong}
          />
        </Part>
        <Part title={t("parts.device")}>
          <DeviceFields
            device={draft.device}
            onChange={(part) => change({ device: { ...draft.device, ...part } })}
            isWrong={isWrong}
          />
        </Part>
        <Textarea
          label={t("reason")}
          description={t("reasonHelp", { min: REASON_LENGTH.min })}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          error={faults.isReasonShort ? t("reasonShort", { min: REASON_LENGTH.min }) : undefined}
          maxLength={REASON_LENGTH.max}
          rows={3}
          dir="auto"
          required
        />
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

/** In the order in which the charts stand, whatever the plan's own is. */
function begin(rules: PlanRules): PlanDraft {
  const draft = draftOf(rules);
  return { ...draft, limits: inOrder(draft.limits), changes: inOrder(draft.changes) };
}

interface TemplateChoiceProps {
  readonly chosen: PlanRules["template"];
  readonly onChoose: (rules: PlanRules) => void;
}

/** Fills every field with a template's numbers. */
function TemplateChoice({ chosen, onChoose }: TemplateChoiceProps): ReactElement {
  const { t } = useTranslation("plan");
  const { data, error, refetch } = usePlanTemplates();
  const [name, setName] = useState<string>(chosen);
  const [filled, setFilled] = useState<string>();
  const templates = data?.templates ?? [];
  return (
    <Stack gap="xs">
      <Group align="end" gap="xs">
        <NativeSelect
          label={t("beginFrom")}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data={templates.map(({ template }) => ({
            value: template,
            label: t(`templates.${template}`),
          }))}
        />
        <Button
          variant="default"
          disabled={data === undefined}
          onClick={() => {
            const found = templates.find(({ template }) => template === name);
            if (found === undefined) return;
            onChoose(found);
            setFilled(t(`templates.${found.template}`));
          }}
        >
          {t("fill")}
        </Button>
      </Group>
      <Text size="sm" role="status">
        {filled === undefined ? t("beginFromHelp") : t("filled", { name: filled })}
      </Text>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
    </Stack>
  );
}
