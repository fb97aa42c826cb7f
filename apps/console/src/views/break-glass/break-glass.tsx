import { Alert, Button, List, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import {
  CONSOLE_PATHS,
  REASON_LENGTH,
  TEXT_LIMITS,
  type BreakGlassRequest,
  type OpenedGlass,
} from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { callApi } from "../../client.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { missingCharacters } from "./missing-characters.ts";

/** Opens the record of a patient who is not in the person's care: with a reason, for an hour, seen by others (§164.312(a)(2)(ii)). */
export function BreakGlass(): ReactElement {
  const { t } = useTranslation("access");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const open = useMutation({
    mutationFn: (body: BreakGlassRequest) =>
      callApi<OpenedGlass>(CONSOLE_PATHS.breakGlass, { method: "POST", body }),
    onSuccess: async ({ patient }) => {
      await queries.invalidateQueries({ queryKey: ["patients"] });
      await navigate(`/patients/${encodeURIComponent(patient)}`);
    },
  });
  const words = { "not-found": t("emergency.unknown"), conflict: t("emergency.inCare") };
  return (
    <Stack gap="md" maw={640}>
      <Title order={1} size="h2">
        {t("emergency.title")}
      </Title>
      <Text>{t("emergency.intro")}</Text>
      <Alert variant="outline" color="var(--siphms-medium)">
        <Text fw={600}>{t("emergency.means")}</Text>
        <List size="sm">
          {(["minutes", "officer", "log", "review"] as const).map((name) => (
            <List.Item key={name}>{t(`emergency.${name}`)}</List.Item>
          ))}
        </List>
      </Alert>
      <Form isBusy={open.isPending} onOpen={(body) => open.mutate(body)} />
      <ProblemAlert error={open.error} words={words} />
    </Stack>
  );
}

interface FormProps {
  readonly isBusy: boolean;
  readonly onOpen: (body: BreakGlassRequest) => void;
}

function Form({ isBusy, onOpen }: FormProps): ReactElement {
  const { t } = useTranslation("access");
  const [mrn, setMrn] = useState("");
  const [reason, setReason] = useState("");
  const [isJudged, setJudged] = useState(false);
  const missing = missingCharacters(reason);
  const isMrnMissing = mrn.trim() === "";
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setJudged(true);
    if (!isMrnMissing && missing === 0) onOpen({ mrn: mrn.trim(), reason: reason.trim() });
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t("emergency.mrn")}
          maxLength={TEXT_LIMITS.mrn}
          autoComplete="off"
          value={mrn}
          onChange={(event) => setMrn(event.currentTarget.value)}
          error={isJudged && isMrnMissing ? t("emergency.missing") : undefined}
        />
        <Textarea
          label={t("emergency.reason")}
          description={t("emergency.reasonHelp", { min: REASON_LENGTH.min })}
          maxLength={REASON_LENGTH.max}
          rows={3}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={
            isJudged && missing > 0 ? t("emergency.reasonShort", { count: missing }) : undefined
          }
        />
        <div>
          <Button type="submit" color="red.9" loading={isBusy}>
            {t("emergency.submit")}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
