import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import type { PlanRules } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { usePlanTemplates } from "./use-plan.ts";

/** Props of {@link TemplateChoice}. */
export interface TemplateChoiceProps {
  readonly chosen: PlanRules["template"];
  readonly onChoose: (rules: PlanRules) => void;
}

/** Fills every field with a template's numbers. */
export function TemplateChoice({ chosen, onChoose }: TemplateChoiceProps): ReactElement {
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
