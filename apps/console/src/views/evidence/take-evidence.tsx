import { Alert, Button, Group } from "@mantine/core";
import {
  EVIDENCE_VERIFIER_PATH,
  evidenceFilePath,
  type EvidenceFile,
  type MessageName,
} from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { saveFile } from "../../save-file.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";

/** Takes the evidence along as a file, which asks for a fresh proof, and the page that verifies it anywhere. */
export function TakeEvidence({ name }: { readonly name: MessageName }): ReactElement {
  const { t } = useTranslation("evidence");
  const take = useMutation({
    mutationFn: () => callApi<EvidenceFile>(evidenceFilePath(name)),
    onSuccess: (file) => {
      // The name says nothing of the patient: it stands in lists of downloads for years.
      saveFile(`${name.messageId}.siphms-evidence.json`, JSON.stringify(file), "application/json");
    },
  });
  return (
    <>
      <Alert variant="light">{t("takeHelp")}</Alert>
      <Group>
        <Button loading={take.isPending} onClick={() => take.mutate()}>
          {t("download")}
        </Button>
        <Button component="a" href={EVIDENCE_VERIFIER_PATH} download variant="default">
          {t("verifier")}
        </Button>
      </Group>
      <ProblemAlert error={take.error} />
    </>
  );
}
