import { Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import type { EscalationPeople } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { StepDraft, StepFault } from "./escalation-draft.ts";
import "./escalation.css";

/** Props of {@link StepFields}. */
export interface StepFieldsProps {
  /** From 1 on. */
  readonly number: number;
  readonly step: StepDraft;
  /** Who can be named. */
  readonly people: EscalationPeople["people"];
  readonly faults: ReadonlySet<StepFault>;
  readonly onChange: (change: Partial<StepDraft>) => void;
  readonly onRemove: () => void;
}

/** One step as it is being written: after how long, and who. */
export function StepFields(props: StepFieldsProps): ReactElement {
  const { number, step, faults, onChange, onRemove } = props;
  const { t } = useTranslation("notify");
  return (
    <fieldset className="siphms-step">
      <legend>{t("escalation.step", { number })}</legend>
      <Stack gap="sm">
        <Group gap="sm" align="start">
          <Minutes
            label={t("escalation.urgentMinutes")}
            value={step.urgent}
            isWrong={faults.has("urgent")}
            onChange={(urgent) => onChange({ urgent })}
          />
          <Minutes
            label={t("escalation.warnMinutes")}
            value={step.warn}
            isWrong={faults.has("warn")}
            onChange={(warn) => onChange({ warn })}
          />
        </Group>
        <StepPeople {...props} />
        <div>
          <Button
            variant="default"
            aria-label={t("escalation.removeStepOf", { number })}
            onClick={onRemove}
          >
            {t("escalation.removeStep")}
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}

interface MinutesProps {
  readonly label: string;
  readonly value: string;
  readonly isWrong: boolean;
  readonly onChange: (text: string) => void;
}

function Minutes({ label, value, isWrong, onChange }: MinutesProps): ReactElement {
  const { t } = useTranslation("notify");
  return (
    <TextInput
      label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={isWrong ? t("escalation.minutesWrong") : undefined}
      inputMode="numeric"
      autoComplete="off"
      maxLength={4}
      dir="ltr"
    />
  );
}

function StepPeople({ number, step, people, faults, onChange }: StepFieldsProps): ReactElement {
  const { t } = useTranslation("notify");
  const { t: shell } = useTranslation("shell");
  const [chosen, setChosen] = useState("");
  const rest = people.filter(({ name }) => !step.to.includes(name));
  const add = (): void => {
    if (chosen === "") return;
    onChange({ to: [...step.to, chosen] });
    setChosen("");
  };
  return (
    <div>
      <Text size="sm" fw={600}>
        {t("escalation.people")}
      </Text>
      {step.to.length === 0 ? <Text size="sm">{t("escalation.noPeople")}</Text> : null}
      <ul className="siphms-plain-list">
        {step.to.map((name) => (
          <li key={name}>
            <Group gap="xs">
              <bdi>{name}</bdi>
              <Button
                variant="default"
                size="xs"
                aria-label={t("escalation.removePersonOf", { name, number })}
                onClick={() => onChange({ to: step.to.filter((one) => one !== name) })}
              >
                {t("escalation.removePerson")}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      <Group align="end" gap="xs" mt="xs">
        <NativeSelect
          label={t("escalation.add")}
          value={chosen}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          error={faults.has("people") ? t("escalation.peopleMissing") : undefined}
          data={[
            { value: "", label: t("escalation.choose") },
            ...rest.map(({ name, role }) => ({
              value: name,
              label: `${name} (${shell(`roles.${role}`)})`,
            })),
          ]}
        />
        <Button variant="default" onClick={add}>
          {t("escalation.add")}
        </Button>
      </Group>
    </div>
  );
}
