import { NativeSelect } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** Which of a sensor's users the patient is. */
export type SensorUser = number | "any";

/** Cuffs and scales for the home keep apart four people at most; they count from 1. */
const USERS = [1, 2, 3, 4] as const;

/** Asks which of a sensor's users the patient is. */
export function UserChoice({
  user,
  onChange,
}: {
  readonly user: SensorUser;
  readonly onChange: (user: SensorUser) => void;
}): ReactElement {
  const { t } = useTranslation("sensors");
  return (
    <NativeSelect
      label={t("who")}
      description={t("whoHelp")}
      value={String(user)}
      onChange={({ currentTarget: { value } }) => onChange(value === "any" ? "any" : Number(value))}
      data={[
        { value: "any", label: t("onlyMe") },
        ...USERS.map((number) => ({ value: String(number), label: t("user", { number }) })),
      ]}
    />
  );
}
