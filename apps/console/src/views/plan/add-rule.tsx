import { Button, Group, NativeSelect } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** Props of {@link AddRule}. */
export interface AddRuleProps {
  readonly label: string;
  /** What is not watched yet; nothing to add where there is none. */
  readonly choices: readonly { readonly key: string; readonly name: string }[];
  readonly onAdd: (key: string) => void;
}

/** Chooses one more thing to watch. */
export function AddRule({ label, choices, onAdd }: AddRuleProps): ReactElement | null {
  const { t } = useTranslation("plan");
  const [chosen, setChosen] = useState("");
  const [first] = choices;
  if (first === undefined) return null;
  const key = choices.some((choice) => choice.key === chosen) ? chosen : first.key;
  return (
    <Group align="end" gap="xs">
      <NativeSelect
        label={label}
        value={key}
        onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        data={choices.map((choice) => ({ value: choice.key, label: choice.name }))}
      />
      <Button variant="default" onClick={() => onAdd(key)}>
        {t("add")}
      </Button>
    </Group>
  );
}
