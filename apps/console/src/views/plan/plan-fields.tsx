import { Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Part } from "../parts/part.tsx";
import { ChangeFields } from "./change-fields.tsx";
import { DeviceFields } from "./device-fields.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { News2Fields, type News2FieldsProps } from "./news2-fields.tsx";
import { NoDataFields } from "./no-data-fields.tsx";
import type { PlanDraft } from "./plan-draft.ts";

/** Props of {@link PlanFields}. */
export interface PlanFieldsProps extends Pick<News2FieldsProps, "order"> {
  readonly draft: PlanDraft;
  readonly onChange: (change: Partial<PlanDraft>) => void;
  /** Whether what was typed in a field makes no sense. */
  readonly isWrong: (field: string) => boolean;
}

/** Everything that can be watched about a patient, to be written. */
export function PlanFields({ draft, onChange, isWrong, order }: PlanFieldsProps): ReactElement {
  const { t } = useTranslation("plan");
  const { limits, changes, news2, noData, device } = draft;
  return (
    <Stack gap="lg">
      <Part title={t("parts.limits")}>
        <Text size="sm">{t("limitsHelp")}</Text>
        <LimitFields
          limits={limits}
          onChange={(list) => onChange({ limits: list })}
          isWrong={isWrong}
        />
      </Part>
      <Part title={t("parts.changes")}>
        <ChangeFields
          changes={changes}
          onChange={(list) => onChange({ changes: list })}
          isWrong={isWrong}
        />
      </Part>
      <Part title={t("parts.news2")}>
        <News2Fields
          news2={news2}
          onChange={(change) => onChange({ news2: { ...news2, ...change } })}
          isWrong={isWrong}
          order={order}
        />
      </Part>
      <Part title={t("parts.noData")}>
        <Text size="sm">{t("noDataHelp")}</Text>
        <NoDataFields
          noData={noData}
          onChange={(list) => onChange({ noData: list })}
          isWrong={isWrong}
        />
      </Part>
      <Part title={t("parts.device")}>
        <DeviceFields
          device={device}
          onChange={(change) => onChange({ device: { ...device, ...change } })}
          isWrong={isWrong}
        />
      </Part>
    </Stack>
  );
}
