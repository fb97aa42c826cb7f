import { Alert, Button, Checkbox, Stack, Text } from "@mantine/core";
import {
  identityFactSchema,
  patientPartPath,
  type IdentityFact,
  type PatientDevices,
} from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatDate } from "../../format.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";

const FACTS: readonly IdentityFact[] = identityFactSchema.enum;
/** Fewer say too little about who is on the phone. */
const NEEDED = 2;

/** Props of {@link IdentityCheck}. */
export interface IdentityCheckProps {
  readonly patient: PatientDevices["patient"];
  readonly onDone: () => void;
}

/** Has staff make sure who is on the phone before anything is taken away. What was asked is recorded, never the answers. */
export function IdentityCheck({ patient, onDone }: IdentityCheckProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [right, setRight] = useState<readonly string[]>([]);
  const check = useMutation({
    mutationFn: () =>
      callApi<undefined>(patientPartPath(patient.id, "identity-checks"), {
        method: "POST",
        body: { facts: right },
      }),
    onSuccess: onDone,
  });
  const known: Partial<Record<IdentityFact, string>> = {
    name: patient.name,
    "birth-date": formatDate(patient.birthDate),
    "record-number": patient.mrn,
  };
  return (
    <Stack gap="sm">
      <Text maw={640}>{t("lost.checkHelp")}</Text>
      <Checkbox.Group value={[...right]} onChange={setRight} aria-label={t("lost.step.check")}>
        <Stack gap={8}>
          {[...FACTS]
            .sort((a, b) => rank(a, known) - rank(b, known))
            .map((fact) => (
              <Checkbox
                key={fact}
                value={fact}
                label={t(`lost.fact.${fact}`)}
                description={known[fact] ?? t("lost.askRecord")}
              />
            ))}
        </Stack>
      </Checkbox.Group>
      <Text size="sm" role="status">
        {t("lost.checked", { count: right.length })}
      </Text>
      <Alert variant="light">{t("lost.checkNote")}</Alert>
      <ProblemAlert error={check.error} />
      <Button
        w="fit-content"
        disabled={right.length < NEEDED}
        loading={check.isPending}
        onClick={() => check.mutate()}
      >
        {t("lost.goOn")}
      </Button>
    </Stack>
  );
}

/** What stands on the screen comes first. */
function rank(fact: IdentityFact, known: Partial<Record<IdentityFact, string>>): number {
  return known[fact] === undefined ? 1 : 0;
}
