import { Alert, Checkbox, NativeSelect, Radio, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { NumberField } from "./number-field.tsx";
import type { News2Draft } from "./plan-draft.ts";
import { usePlanWords } from "./plan-words.ts";

/** Props of {@link News2Fields}. */
export interface News2FieldsProps {
  readonly news2: News2Draft;
  readonly onChange: (change: Partial<News2Draft>) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
  /** Scale 2 is new to this patient: whoever sets it has to say that they order it. */
  readonly order: { readonly isGiven: boolean; readonly onGive: (isGiven: boolean) => void } | null;
}

/** Whether and how NEWS2 is scored, and from where on it tells somebody. */
export function News2Fields({ news2, onChange, isWrong, order }: News2FieldsProps): ReactElement {
  const { t, alerts } = usePlanWords();
  const { isScored, spo2Scale } = news2;
  return (
    <Stack gap="xs">
      <Checkbox
        label={t("news2.score")}
        description={alerts("news2For")}
        checked={isScored}
        onChange={({ currentTarget }) => onChange({ isScored: currentTarget.checked })}
      />
      {isScored ? (
        <>
          <ScaleChoice scale={spo2Scale} onChange={(scale) => onChange({ spo2Scale: scale })} />
          {spo2Scale === 2 ? <Scale2Warning order={order} /> : null}
          <Totals news2={news2} onChange={onChange} isWrong={isWrong} />
        </>
      ) : null}
      <Text size="sm" c="dimmed">
        {alerts("news2Origin")}
      </Text>
    </Stack>
  );
}

function ScaleChoice({
  scale,
  onChange,
}: {
  readonly scale: 1 | 2;
  readonly onChange: (scale: 1 | 2) => void;
}): ReactElement {
  const { t } = usePlanWords();
  return (
    <Radio.Group
      label={t("news2.scale")}
      value={String(scale)}
      onChange={(value) => onChange(value === "2" ? 2 : 1)}
    >
      <Stack gap={6} mt={4}>
        <Radio value="1" label={t("news2.scale1")} />
        <Radio value="2" label={t("news2.scale2")} />
      </Stack>
    </Radio.Group>
  );
}

/** From which total on NEWS2 tells somebody, and for how long a value stands in it. */
function Totals({ news2, onChange, isWrong }: Omit<News2FieldsProps, "order">): ReactElement {
  const { t, alerts } = usePlanWords();
  return (
    <div className="siphms-plan-row">
      <NumberField
        label={t("news2.warnFrom")}
        value={news2.warnFrom}
        onChange={(warnFrom) => onChange({ warnFrom })}
        isWrong={isWrong("news2.warnFrom")}
      />
      <NumberField
        label={t("news2.urgentFrom")}
        value={news2.urgentFrom}
        onChange={(urgentFrom) => onChange({ urgentFrom })}
        isWrong={isWrong("news2.urgentFrom")}
      />
      <NumberField
        label={t("news2.carryHours")}
        value={news2.carryHours}
        onChange={(carryHours) => onChange({ carryHours })}
        isWrong={isWrong("news2.carryHours")}
      />
      <NativeSelect
        className="siphms-plan-number"
        label={t("news2.singleThree")}
        value={news2.singleThree ?? ""}
        onChange={({ currentTarget: { value } }) =>
          onChange({ singleThree: value === "warn" || value === "urgent" ? value : null })
        }
        data={[
          { value: "", label: t("news2.nothing") },
          { value: "warn", label: alerts("levels.warn") },
          { value: "urgent", label: alerts("levels.urgent") },
        ]}
      />
    </div>
  );
}

function Scale2Warning({ order }: Pick<News2FieldsProps, "order">): ReactElement {
  const { t } = usePlanWords();
  return (
    <Alert variant="outline" color="var(--siphms-medium)" role="note">
      <Text size="sm">{t("news2.scale2Warning")}</Text>
      {order === null ? null : (
        <Checkbox
          mt="xs"
          label={t("news2.order")}
          checked={order.isGiven}
          onChange={({ currentTarget }) => order.onGive(currentTarget.checked)}
          required
        />
      )}
    </Alert>
  );
}
