import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { patientPartPath, type ChangedDevice, type RegistryDevice } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, callApi } from "../../client.ts";
import { devicesKey } from "../devices/use-devices.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { digitsIn } from "./enrolment-stage.ts";

const DIGITS = 6;

/** Props of {@link CompareCodes}. */
export interface CompareCodesProps {
  readonly patient: string;
  readonly device: RegistryDevice;
  /** Whether the phone shows its digits yet. */
  readonly digits: boolean;
  /** The person found that this is not the patient's phone, and nothing is taken from it any more. */
  readonly onStopped: () => void;
  /** No phone waits any more: somebody else has confirmed it, or it was dropped. */
  readonly onGone: () => void;
}

/** Takes the digits that the patient reads out; the hospital compares them with those of the phone that waits. */
export function CompareCodes(props: CompareCodesProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { device, digits } = props;
  const act = useComparing(props);
  const [code, setCode] = useState("");
  const [isShort, setShort] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setShort(code.length < DIGITS);
    if (code.length === DIGITS) act.confirm.mutate(code);
  };
  return (
    <Stack gap="sm">
      <Text role="status">{t("connect.connected", { name: device.name })}</Text>
      <Text fw={600}>{t(digits ? "connect.digitsShown" : "connect.digitsWaiting")}</Text>
      <form onSubmit={submit} noValidate>
        <Group align="end" gap="sm">
          <TextInput
            label={t("connect.code")}
            value={code}
            onChange={({ currentTarget }) => {
              setCode(digitsIn(currentTarget.value));
              setShort(false);
            }}
            error={isShort ? t("connect.codeShort") : undefined}
            inputMode="numeric"
            autoComplete="off"
            maxLength={12}
            dir="ltr"
            classNames={{ input: "siphms-digits" }}
            w="14rem"
          />
          <Button type="submit" loading={act.confirm.isPending}>
            {t("connect.confirm")}
          </Button>
          <Button
            variant="default"
            loading={act.stop.isPending}
            onClick={() => act.stop.mutate(device.kid)}
          >
            {t("connect.stop")}
          </Button>
        </Group>
      </form>
      <ProblemAlert
        error={act.confirm.error}
        words={{ conflict: t("connect.gone"), "code-refused": t("connect.codeDiffers") }}
      />
      <ProblemAlert error={act.stop.error} />
      <Alert variant="light">{t("connect.digitsWhy")}</Alert>
    </Stack>
  );
}

/** What can be done with a phone that waits. */
function useComparing({ patient, onStopped, onGone }: CompareCodesProps) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: devicesKey(patient) });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      callApi<ChangedDevice>(patientPartPath(patient, "enrolments/confirm"), {
        method: "POST",
        body: { code },
      }),
    onError: (error) => {
      if (error instanceof ApiError && error.problem === "conflict") onGone();
    },
    onSettled: refresh,
  });
  const stop = useMutation({
    mutationFn: (kid: string) =>
      callApi<ChangedDevice>(patientPartPath(patient, "devices/revoke"), {
        method: "POST",
        body: { kid },
      }),
    onSuccess: async () => {
      await refresh();
      onStopped();
    },
  });
  return { confirm, stop };
}
