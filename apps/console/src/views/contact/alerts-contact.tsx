import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import type { OwnContact } from "@siphms/api";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { useContact, useSetContact } from "./use-contact.ts";

/** Where the signed-in person is told of alerts: here, and by e-mail where they want it. */
export function AlertsContact(): ReactElement {
  const { t } = useTranslation("notify");
  const { t: common } = useTranslation();
  const contact = useContact();
  return (
    <Part title={t("contact.title")}>
      <Text size="sm">{t("contact.console")}</Text>
      <ProblemAlert error={contact.error} onRetry={() => void contact.refetch()} />
      {contact.isPending ? <Skeleton height={80} aria-label={common("loading")} /> : null}
      {contact.data === undefined ? null : <Mail contact={contact.data} />}
    </Part>
  );
}

function Mail({ contact }: { readonly contact: OwnContact }): ReactElement {
  const { t } = useTranslation("notify");
  const { email, works, altered } = contact;
  return (
    <>
      {altered === true ? (
        <Alert role="alert" variant="outline" color="var(--siphms-technical)">
          {t("contact.altered")}
        </Alert>
      ) : null}
      <Text size="sm">
        {email === null ? (
          t("contact.none")
        ) : (
          <>
            {t("contact.email")} <bdi className="siphms-address">{email}</bdi>
          </>
        )}
      </Text>
      {works ? null : <Text size="sm">{t("contact.off")}</Text>}
      <MailForm email={email} />
    </>
  );
}

function MailForm({ email }: Pick<OwnContact, "email">): ReactElement {
  const { t } = useTranslation("notify");
  const set = useSetContact();
  const [address, setAddress] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const wanted = address.trim();
    set.mutate({ email: wanted }, { onSuccess: () => setAddress("") });
  };
  const done = set.data?.email === null ? t("contact.removed") : t("contact.saved");
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group gap="xs" align="end">
          <TextInput
            type="email"
            label={t("contact.label")}
            description={t("contact.help")}
            maxLength={254}
            autoComplete="email"
            dir="ltr"
            required
            withAsterisk={false}
            value={address}
            onChange={({ currentTarget }) => setAddress(currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={set.isPending}>
            {t("contact.save")}
          </Button>
          {email === null ? null : (
            <Button
              variant="default"
              disabled={set.isPending}
              onClick={() => set.mutate({ email: null })}
            >
              {t("contact.remove")}
            </Button>
          )}
        </Group>
        <Text size="sm" role="status">
          {set.isSuccess ? done : ""}
        </Text>
        <ProblemAlert error={set.error} words={{ malformed: t("contact.wrong") }} />
      </Stack>
    </form>
  );
}
