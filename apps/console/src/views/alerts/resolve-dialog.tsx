import { Alert, Stack, Text, Textarea } from "@mantine/core";
import { NOTE_LENGTH, type ApiAlert } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../dialog.tsx";
import { DialogButtons } from "../dialog-buttons.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { useResolve } from "./use-alert-acts.ts";

const { min: MIN, max: MAX } = NOTE_LENGTH;

/** Props of {@link ResolveDialog}. */
export interface ResolveDialogProps {
  readonly alert: Pick<ApiAlert, "id" | "patient">;
  /** What it is about, in words. */
  readonly what: string;
  /** It is not open any more. */
  readonly isGone: boolean;
  readonly onClose: () => void;
}

/** Says what resolving means, and wants a note. */
export function ResolveDialog(props: ResolveDialogProps): ReactElement {
  const { alert, what, isGone, onClose } = props;
  const { t } = useTranslation("alerts");
  const [note, setNote] = useState("");
  const [isShort, setShort] = useState(false);
  const resolve = useResolve(alert);
  const submit = (): void => {
    const written = note.trim();
    setShort(written.length < MIN);
    if (written.length >= MIN) resolve.mutate(written, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("resolveTitle")} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          <Text fw={600}>{what}</Text>
          <Text size="sm">{t("resolveMeans")}</Text>
          <Textarea
            label={t("note")}
            description={t("noteHelp", { min: MIN })}
            value={note}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
            error={isShort ? t("noteShort", { min: MIN }) : undefined}
            maxLength={MAX}
            rows={3}
            dir="auto"
            required
          />
          {isGone && !resolve.isSuccess ? <Alert role="status">{t("gone")}</Alert> : null}
          <ProblemAlert
            error={resolve.error}
            words={{ conflict: t("gone"), "not-found": t("gone") }}
          />
          <DialogButtons
            label={t("resolve")}
            isBusy={resolve.isPending}
            onClose={onClose}
            isSubmit
          />
        </Stack>
      </form>
    </Dialog>
  );
}
