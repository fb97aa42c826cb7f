import { NativeSelect } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePeople } from "../people/use-people.ts";

/** Props of {@link DoctorSelect}. */
export interface DoctorSelectProps {
  readonly value: string;
  readonly onChange: (doctor: string) => void;
}

/** The doctor who is to have a new patient in their care; administrators choose one, since they look after nobody. */
export function DoctorSelect({ value, onChange }: DoctorSelectProps): ReactElement {
  const { t } = useTranslation("enrol");
  const accounts = usePeople();
  const doctors = (accounts.data?.staff ?? []).filter(
    ({ role, state }) => role === "doctor" && state === "active",
  );
  return (
    <NativeSelect
      label={t("register.doctor")}
      description={t("register.doctorHelp")}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={[
        { value: "", label: t("register.noDoctor") },
        ...doctors.map(({ name }) => ({ value: name, label: name })),
      ]}
    />
  );
}
