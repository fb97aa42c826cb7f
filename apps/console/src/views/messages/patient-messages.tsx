import { Alert, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { MeasureNowForm } from "./measure-now-form.tsx";
import { MessageForm } from "./message-form.tsx";
import { MessageList } from "./message-list.tsx";
import { useMessages, useSendMessage } from "./use-messages.ts";

const KINDS = ["message", "measure-now"] as const;
type Kind = (typeof KINDS)[number];

/** Props of {@link PatientMessages}. */
export interface PatientMessagesProps {
  /** The patient's. */
  readonly id: string;
}

/** What staff send to a patient's phone, and whether it was seen. */
export function PatientMessages({ id }: PatientMessagesProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [kind, setKind] = useState<Kind>("message");
  const send = useSendMessage(id);
  // What was sent leaves its form; what was not stays in it.
  const [sent, setSent] = useState(0);
  const Form = kind === "message" ? MessageForm : MeasureNowForm;
  return (
    <Stack gap="lg" maw={760}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t("messages.title")}
        </Title>
        <SegmentedControl
          transitionDuration={0}
          aria-label={t("messages.kindLabel")}
          value={kind}
          onChange={(chosen) => {
            send.reset();
            setKind(KINDS.find((one) => one === chosen) ?? "message");
          }}
          data={KINDS.map((one) => ({ value: one, label: t(`messages.kind.${one}`) }))}
          w="fit-content"
        />
        <Form
          key={`${kind} ${sent}`}
          isBusy={send.isPending}
          onSend={(message) => send.mutate(message, { onSuccess: () => setSent(sent + 1) })}
        />
        {send.isSuccess ? (
          <Alert role="status">{t("messages.sent", { count: send.data.devices.length })}</Alert>
        ) : null}
        <ProblemAlert error={send.error} words={{ conflict: t("messages.noDevice") }} />
      </Stack>
      <Sent patient={id} />
    </Stack>
  );
}

function Sent({ patient }: { readonly patient: string }): ReactElement {
  const { t } = useTranslation("enrol");
  const sent = useMessages(patient);
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {t("messages.list")}
      </Title>
      {sent.isPending ? <Skeleton height={160} className="siphms-late" /> : null}
      <ProblemAlert error={sent.error} onRetry={() => void sent.refetch()} />
      {sent.data?.messages.length === 0 ? <Text>{t("messages.none")}</Text> : null}
      <MessageList messages={sent.data?.messages ?? []} />
    </Stack>
  );
}
