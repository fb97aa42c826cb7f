import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { CONSOLE_PATHS, TEXT_LIMITS, type BeginCare, type StaffAccount } from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { callApi, hospitalNow } from "../../client.ts";
import { DialogButtons } from "../dialog-buttons.tsx";
import { Dialog } from "../dialog.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { usePeople } from "../people/use-people.ts";
import { isCaring } from "../shell/places.ts";

interface BeginCareDialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Puts a patient into somebody's care, until it is ended or until a time. */
export function BeginCareDialog({ onClose, onDone }: BeginCareDialogProps): ReactElement {
  const { t } = useTranslation("access");
  const [staff, setStaff] = useState("");
  const [mrn, setMrn] = useState("");
  const [until, setUntil] = useState("");
  const [isPast, setPast] = useState(false);
  const begin = useMutation({
    mutationFn: (body: BeginCare) => callApi(CONSOLE_PATHS.care, { method: "POST", body }),
    onSuccess: onDone,
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const end = until === "" ? undefined : Date.parse(until);
    const hasPassed = end !== undefined && !(end > hospitalNow());
    setPast(hasPassed);
    if (hasPassed || staff === "" || mrn.trim() === "") return;
    begin.mutate({ staff, mrn: mrn.trim(), ...(end === undefined ? {} : { until: end }) });
  };
  return (
    <Dialog title={t("care.beginTitle")} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <CarerSelect value={staff} onChange={setStaff} />
          <TextInput
            label={t("care.patient")}
            required
            maxLength={TEXT_LIMITS.mrn}
            autoComplete="off"
            value={mrn}
            onChange={(event) => setMrn(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={t("care.untilOptional")}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
            error={isPast ? t("care.untilPast") : undefined}
          />
          <Text size="sm">{t("care.beginHelp")}</Text>
          <ProblemAlert error={begin.error} words={{ "not-found": t("care.unknown") }} />
          <DialogButtons
            label={t("care.confirmBegin")}
            isSubmit
            isBusy={begin.isPending}
            onClose={onClose}
          />
        </Stack>
      </form>
    </Dialog>
  );
}

function CarerSelect({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (name: string) => void;
}): ReactElement {
  const { t } = useTranslation("access");
  const people = usePeople();
  const carers = people.data?.staff.filter(isCarer).map(({ name }) => name) ?? [];
  return (
    <>
      <NativeSelect
        label={t("care.person")}
        required
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[{ value: "", label: t("care.choose") }, ...carers]}
      />
      {people.isSuccess && carers.length === 0 ? <Text size="sm">{t("care.noCarers")}</Text> : null}
      <ProblemAlert error={people.error} onRetry={() => void people.refetch()} />
    </>
  );
}

function isCarer({ role, state }: StaffAccount): boolean {
  return state === "active" && isCaring(role);
}
