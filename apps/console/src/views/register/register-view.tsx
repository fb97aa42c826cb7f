import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS, type RegisteredPatient } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, callApi } from "../../client.ts";
import { useSignedIn } from "../../session/session.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { isCaring } from "../shell/places.ts";
import { EnrolPhone } from "./enrol-phone.tsx";
import { newPatientOf, type PatientFields } from "./patient-fields.ts";
import { PatientForm } from "./patient-form.tsx";

interface Registered {
  readonly id: string;
  readonly name: string;
}

/** Registers a patient and connects their phone. */
export function RegisterView(): ReactElement {
  const { t } = useTranslation("enrol");
  const queries = useQueryClient();
  const [registered, setRegistered] = useState<Registered>();
  const register = useMutation({
    mutationFn: async (fields: PatientFields) => {
      const body = newPatientOf(fields);
      const { patient } = await callApi<RegisteredPatient>(CONSOLE_PATHS.patients, {
        method: "POST",
        body,
      });
      return { id: patient, name: body.name };
    },
    onSuccess: async (made) => {
      setRegistered(made);
      await queries.invalidateQueries({ queryKey: ["patients"] });
    },
  });
  if (registered !== undefined) {
    return <Connect registered={registered} onAnother={() => setRegistered(undefined)} />;
  }
  const detail = register.error instanceof ApiError ? register.error.detail : "";
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        {t("register.title")}
      </Title>
      <Text maw={560}>{t("register.intro")}</Text>
      <ProblemAlert
        error={register.error}
        words={{
          conflict: t("register.mrnTaken"),
          malformed: t("register.refused", { detail }),
        }}
      />
      <PatientForm isBusy={register.isPending} onSubmit={(fields) => register.mutate(fields)} />
    </Stack>
  );
}

interface ConnectProps {
  readonly registered: Registered;
  readonly onAnother: () => void;
}

/** The second half: the phone. */
function Connect({ registered, onAnother }: ConnectProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { role } = useSignedIn().staff;
  const id = encodeURIComponent(registered.id);
  return (
    <Stack gap="md" maw={860}>
      <Title order={1} size="h2">
        {t("register.done", { name: registered.name })}
      </Title>
      <Title order={2} size="h4">
        {t("connect.title")}
      </Title>
      <EnrolPhone patient={registered.id} />
      <Group>
        {isCaring(role) ? (
          <Anchor component={Link} to={`/patients/${id}`}>
            {t("register.toPatient")}
          </Anchor>
        ) : (
          <Anchor component={Link} to={`/admin/patients?patient=${id}`}>
            {t("register.toDevices")}
          </Anchor>
        )}
        <Button variant="default" size="sm" onClick={onAnother}>
          {t("register.another")}
        </Button>
      </Group>
    </Stack>
  );
}
