import { Button, NativeSelect, Stack } from "@mantine/core";
import { CONSCIOUSNESS_LEVELS } from "@siphms/vitals";
import type { ReactElement } from "react";
import { AddRule } from "./add-rule.tsx";
import { changedAt, withoutAt } from "./list-change.ts";
import { NumberField } from "./number-field.tsx";
import type { LimitDraft } from "./plan-draft.ts";
import { inOrder, keyOfNumber, unitOf, WATCHED_NUMBERS } from "./plan-numbers.ts";
import { limitName, usePlanWords, type PlanWords } from "./plan-words.ts";
import { usePlace } from "./use-place.ts";

/** Props of {@link LimitFields}. */
export interface LimitFieldsProps {
  readonly limits: readonly LimitDraft[];
  readonly onChange: (limits: readonly LimitDraft[]) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
}

const SIDES = ["low", "high"] as const;

/** The limits of every number that has some: low and high, warning and urgent, and when they tell somebody. */
export function LimitFields({ limits, onChange, isWrong }: LimitFieldsProps): ReactElement {
  const words = usePlanWords();
  const place = usePlace();
  const choices = missingLimits(limits, words);
  return (
    <Stack gap="xs" ref={place.ref} tabIndex={-1} className="siphms-plan-place">
      <div className="siphms-plan-limit siphms-plan-limit-head" aria-hidden="true">
        <span />
        {[
          words.alerts("levels.warn"),
          words.alerts("levels.urgent"),
          words.t("minutes"),
          words.t("hysteresis"),
        ].map((head) => (
          <span key={head}>{head}</span>
        ))}
      </div>
      {limits.map((limit, index) => (
        <LimitRow
          key={keyOfLimit(limit)}
          limit={limit}
          onChange={(change) => onChange(changedAt(limits, index, change))}
          onRemove={() => {
            place.take();
            onChange(withoutAt(limits, index));
          }}
          isWrong={(name) => isWrong(`limits.${String(index)}.${name}`)}
        />
      ))}
      <AddRule
        label={words.t("addLimit")}
        choices={choices}
        onAdd={(key) => {
          const added = choices.find((choice) => choice.key === key);
          if (added !== undefined) onChange(inOrder([...limits, added.limit]));
        }}
      />
    </Stack>
  );
}

interface LimitRowProps {
  readonly limit: LimitDraft;
  readonly onChange: (change: Partial<LimitDraft>) => void;
  readonly onRemove: () => void;
  readonly isWrong: (name: string) => boolean;
}

function LimitRow({ limit, onChange, onRemove, isWrong }: LimitRowProps): ReactElement {
  const words = usePlanWords();
  const unit = unitOf(limit.kind);
  const name = limitName(words, limit);
  return (
    <div className="siphms-plan-limit" role="group" aria-label={name}>
      <span className="siphms-plan-limit-name">
        {name}{" "}
        <span className="siphms-unit" dir="ltr">
          {unit}
        </span>
      </span>
      {(["warn", "urgent"] as const).map((level) => (
        <BoundField
          key={level}
          kind={limit.kind}
          label={words.alerts(`levels.${level}`)}
          value={limit[level]}
          onChange={(text) => onChange({ [level]: text })}
          isWrong={isWrong(level)}
        />
      ))}
      <NumberField
        label={words.t("minutes")}
        value={limit.minutes}
        onChange={(minutes) => onChange({ minutes })}
        isWrong={isWrong("minutes")}
      />
      <NumberField
        label={words.t("hysteresis")}
        value={limit.hysteresis}
        onChange={(hysteresis) => onChange({ hysteresis })}
        isWrong={isWrong("hysteresis")}
      />
      <Button
        variant="default"
        className="siphms-plan-remove"
        onClick={onRemove}
        aria-label={words.t("removeOf", { what: name })}
      >
        {words.t("remove")}
      </Button>
    </div>
  );
}

interface BoundFieldProps {
  readonly kind: LimitDraft["kind"];
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly isWrong: boolean;
}

/** A bound: a number, or a level of consciousness by its word. */
function BoundField({ kind, label, value, onChange, isWrong }: BoundFieldProps): ReactElement {
  const { t } = usePlanWords();
  if (kind !== "consciousness") {
    return <NumberField label={label} value={value} onChange={onChange} isWrong={isWrong} />;
  }
  return (
    <NativeSelect
      className="siphms-plan-number"
      label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={[
        { value: "", label: t("noLimit") },
        ...CONSCIOUSNESS_LEVELS.slice(1).map((level, index) => ({
          value: String(index + 1),
          label: t("orWorse", { value: level }),
        })),
      ]}
    />
  );
}

function keyOfLimit(limit: Pick<LimitDraft, "kind" | "part" | "side">): string {
  return `${keyOfNumber(limit)}/${limit.side}`;
}

/** Sides of numbers that have no limit. Of consciousness only what is worse can be one. */
function missingLimits(limits: readonly LimitDraft[], words: PlanWords) {
  const known = new Set(limits.map(keyOfLimit));
  return WATCHED_NUMBERS.flatMap((number) => SIDES.map((side) => ({ ...number, side })))
    .filter((one) => one.kind !== "consciousness" || one.side === "high")
    .filter((one) => !known.has(keyOfLimit(one)))
    .map((one) => {
      const limit = { ...one, warn: "", urgent: "", minutes: "15", hysteresis: "0" };
      return { key: keyOfLimit(one), name: limitName(words, limit), limit };
    });
}
