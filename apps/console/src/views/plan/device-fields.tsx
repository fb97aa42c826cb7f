import { Checkbox, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { NumberField } from "./number-field.tsx";
import type { DeviceDraft } from "./plan-draft.ts";

/** Props of {@link DeviceFields}. */
export interface DeviceFieldsProps {
  readonly device: DeviceDraft;
  readonly onChange: (change: Partial<DeviceDraft>) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
}

/** What is watched about the patient's devices. */
export function DeviceFields({ device, onChange, isWrong }: DeviceFieldsProps): ReactElement {
  const { t } = useTranslation("plan");
  return (
    <Stack gap="xs">
      <div className="siphms-plan-row">
        <NumberField
          label={t("silentHours")}
          value={device.silentHours}
          onChange={(silentHours) => onChange({ silentHours })}
          isWrong={isWrong("device.silentHours")}
        />
        <NumberField
          label={t("batteryPercent")}
          value={device.batteryBelow}
          unit="%"
          onChange={(batteryBelow) => onChange({ batteryBelow })}
          isWrong={isWrong("device.batteryBelow")}
        />
      </div>
      <Checkbox
        label={t("gapsTold")}
        checked={device.gaps}
        onChange={({ currentTarget }) => onChange({ gaps: currentTarget.checked })}
      />
      <Text size="sm" c="dimmed">
        {t("emptyIsNone")}
      </Text>
    </Stack>
  );
}
