import { NativeSelect } from "@mantine/core";
import { CONSOLE_PATHS, type StaffAccount } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";

/** Props of {@link DoctorSelect}. */
export interface DoctorSelectProps {
  readonly value: string;
  readonly onChange: (doctor: string) => void;
}

/** The doctor who is to have a new patient in their care; administrators choose one, since they look after nobody. */
export function DoctorSelect({ value, onChange }: DoctorSelectProps): ReactElement {
  const { t } = useTranslation("enrol");
  const accounts = useQuery({
    queryKey: ["staff"],
    queryFn: ({ signal }) =>
      callApi<{ readonly staff: readonly StaffAccount[] }>(CONSOLE_PATHS.staff, {
        signal,
      }),
  });
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
