import { Button, NativeSelect, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { AddRule } from "./add-rule.tsx";
import { changedAt, withoutAt } from "./list-change.ts";
import { NumberField } from "./number-field.tsx";
import type { ChangeDraft } from "./plan-draft.ts";
import { inOrder, keyOfNumber, unitOf, WATCHED_NUMBERS } from "./plan-numbers.ts";
import { numberName, usePlanWords, type PlanWords } from "./plan-words.ts";
import { usePlace } from "./use-place.ts";

/** Props of {@link ChangeFields}. */
export interface ChangeFieldsProps {
  readonly changes: readonly ChangeDraft[];
  readonly onChange: (changes: readonly ChangeDraft[]) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
}

/** What tells somebody by how much it changes: weight that rises within some days. */
export function ChangeFields({ changes, onChange, isWrong }: ChangeFieldsProps): ReactElement {
  const words = usePlanWords();
  const place = usePlace();
  const { t } = words;
  const choices = missingChanges(changes, words);
  return (
    <Stack gap="xs" ref={place.ref} tabIndex={-1} className="siphms-plan-place">
      {changes.length === 0 ? <Text size="sm">{t("noChanges")}</Text> : null}
      {changes.map((rule, index) => (
        <ChangeRow
          key={keyOfChange(rule)}
          rule={rule}
          onChange={(change) => onChange(changedAt(changes, index, change))}
          onRemove={() => {
            place.take();
            onChange(withoutAt(changes, index));
          }}
          isWrong={(name) => isWrong(`changes.${String(index)}.${name}`)}
        />
      ))}
      <AddRule
        label={t("addChange")}
        choices={choices}
        onAdd={(key) => {
          const added = choices.find((choice) => choice.key === key);
          if (added !== undefined) onChange(inOrder([...changes, added.rule]));
        }}
      />
    </Stack>
  );
}

interface ChangeRowProps {
  readonly rule: ChangeDraft;
  readonly onChange: (change: Partial<ChangeDraft>) => void;
  readonly onRemove: () => void;
  readonly isWrong: (name: string) => boolean;
}

function ChangeRow({ rule, onChange, onRemove, isWrong }: ChangeRowProps): ReactElement {
  const words = usePlanWords();
  const { t, alerts } = words;
  const name = changeName(rule, words);
  return (
    <div className="siphms-plan-row" role="group" aria-label={name}>
      <span className="siphms-plan-limit-name">{name}</span>
      <NumberField
        label={t("by")}
        value={rule.by}
        unit={unitOf(rule.kind)}
        onChange={(by) => onChange({ by })}
        isWrong={isWrong("by")}
      />
      <NumberField
        label={t("withinHours")}
        value={rule.hours}
        onChange={(hours) => onChange({ hours })}
        isWrong={isWrong("hours")}
      />
      <NativeSelect
        className="siphms-plan-number"
        label={t("level")}
        value={rule.level}
        onChange={({ currentTarget }) =>
          onChange({ level: currentTarget.value === "urgent" ? "urgent" : "warn" })
        }
        data={(["warn", "urgent"] as const).map((level) => ({
          value: level,
          label: alerts(`levels.${level}`),
        }))}
      />
      <Button
        variant="default"
        className="siphms-plan-remove"
        onClick={onRemove}
        aria-label={t("removeOf", { what: name })}
      >
        {t("remove")}
      </Button>
    </div>
  );
}

function changeName(rule: ChangeDraft, words: PlanWords): string {
  return words.t(`directions.${rule.direction}`, { number: numberName(words, rule) });
}

function keyOfChange(rule: Pick<ChangeDraft, "direction" | "kind" | "part">): string {
  return `${keyOfNumber(rule)}/${rule.direction}`;
}

function missingChanges(changes: readonly ChangeDraft[], words: PlanWords) {
  const known = new Set(changes.map(keyOfChange));
  return WATCHED_NUMBERS.filter(({ kind }) => kind !== "consciousness")
    .flatMap((number) =>
      (["rise", "fall"] as const).map((direction): ChangeDraft => ({
        ...number,
        direction,
        ...{ by: "", hours: "24", level: "warn" },
      })),
    )
    .filter((rule) => !known.has(keyOfChange(rule)))
    .map((rule) => ({ key: keyOfChange(rule), name: changeName(rule, words), rule }));
}
