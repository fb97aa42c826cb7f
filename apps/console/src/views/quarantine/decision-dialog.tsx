import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { REASON_LENGTH, type DecideQuarantine, type QuarantineEntry } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../client.ts";
import { Dialog } from "../dialog.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { useDecide } from "./use-quarantine.ts";

/** Which way it goes. */
export type DecisionKind = DecideQuarantine["decision"];

/** Props of {@link DecisionDialog}. */
export interface DecisionDialogProps {
  readonly patient: string;
  readonly kind: DecisionKind;
  readonly entries: readonly QuarantineEntry[];
  readonly onClose: () => void;
  readonly onDecided: () => void;
}

/** Says what releasing or rejecting means and wants a reason; the hospital wants a fresh proof of who decides. */
export function DecisionDialog(props: DecisionDialogProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const { patient, kind, entries, onClose, onDecided } = props;
  const [why, setWhy] = useState("");
  const [isShort, setShort] = useState(false);
  const decide = useDecide(patient);
  const { min, max } = REASON_LENGTH;
  const name = kind === "released" ? "release" : "reject";
  const detail = decide.error instanceof ApiError ? decide.error.detail : "";
  const submit = (): void => {
    const reason = why.trim();
    setShort(reason.length < min);
    if (reason.length < min) return;
    decide.mutate(
      { items: entries.map(itemOf), decision: kind, why: reason },
      { onSuccess: onDecided },
    );
  };
  const count = entries.reduce((sum, { samples }) => sum + samples, 0);
  return (
    <Dialog title={t(`${name}Title`)} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          <Text>
            {t("about", { count })} {t(`${name}Means`)}
          </Text>
          <Textarea
            label={t("why")}
            description={t("whyHelp", { min })}
            value={why}
            onChange={({ currentTarget }) => setWhy(currentTarget.value)}
            error={isShort ? t("whyShort", { min }) : undefined}
            maxLength={max}
            rows={3}
            dir="auto"
            required
          />
          <ProblemAlert error={decide.error} words={{ conflict: t("conflict", { detail }) }} />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={decide.isPending}>
              {t(name)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function itemOf({ device, messageId, reason }: QuarantineEntry): DecideQuarantine["items"][number] {
  return { device, messageId, reason };
}
