import { Button, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { AddRule } from "./add-rule.tsx";
import { changedAt, withoutAt } from "./list-change.ts";
import { NumberField } from "./number-field.tsx";
import type { NoDataDraft } from "./plan-draft.ts";
import { WATCHED_KINDS } from "./plan-numbers.ts";
import { usePlanWords } from "./plan-words.ts";
import { usePlace } from "./use-place.ts";

/** Props of {@link NoDataFields}. */
export interface NoDataFieldsProps {
  readonly noData: readonly NoDataDraft[];
  readonly onChange: (noData: readonly NoDataDraft[]) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
}

/** For how long each kind may be missing before somebody is told. */
export function NoDataFields({ noData, onChange, isWrong }: NoDataFieldsProps): ReactElement {
  const { t, common } = usePlanWords();
  const place = usePlace();
  const missing = WATCHED_KINDS.filter((kind) => noData.every((rule) => rule.kind !== kind));
  return (
    <Stack gap="xs" ref={place.ref} tabIndex={-1} className="siphms-plan-place">
      {noData.length === 0 ? <Text size="sm">{t("noNoData")}</Text> : null}
      {noData.map(({ kind, hours }, index) => {
        const name = common(`kind.${kind}`);
        return (
          <div key={kind} className="siphms-plan-row" role="group" aria-label={name}>
            <span className="siphms-plan-limit-name">{name}</span>
            <NumberField
              label={t("hours")}
              value={hours}
              onChange={(text) => onChange(changedAt(noData, index, { hours: text }))}
              isWrong={isWrong(`noData.${String(index)}.hours`)}
            />
            <Button
              variant="default"
              className="siphms-plan-remove"
              onClick={() => {
                place.take();
                onChange(withoutAt(noData, index));
              }}
              aria-label={t("removeOf", { what: name })}
            >
              {t("remove")}
            </Button>
          </div>
        );
      })}
      <AddRule
        label={t("addNoData")}
        choices={missing.map((kind) => ({ key: kind, name: common(`kind.${kind}`) }))}
        onAdd={(key) => {
          const kind = missing.find((one) => one === key);
          if (kind !== undefined) onChange([...noData, { kind, hours: "14" }]);
        }}
      />
    </Stack>
  );
}
