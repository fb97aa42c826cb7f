import { Alert, Button, CopyButton, Group, NativeSelect, Stack, Text } from "@mantine/core";
import type { Invitation } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import { formatTimeLeft } from "../../format.ts";
import { LANGUAGES, type Language } from "../../i18n/index.ts";
import { useNow } from "../live-age.tsx";
import { QrCode } from "../qr-code.tsx";
import { InvitationSheet } from "./invitation-sheet.tsx";

const TICK_MS = 1000;

function TimeLeft({ expires }: { readonly expires: number }): ReactElement {
  const { t } = useTranslation("enrol");
  // Told anew each second; the time itself is the hospital's.
  useNow(TICK_MS);
  const time = formatTimeLeft(expires - hospitalNow());
  return (
    <Text className="siphms-value" role="timer">
      {t("connect.validFor", { time })}
    </Text>
  );
}

/** A sheet for the patient, in a language chosen on the spot. */
function PrintSheet({ invitation }: { readonly invitation: Invitation }): ReactElement {
  const { t, i18n } = useTranslation("enrol");
  const own = LANGUAGES.find(({ code }) => code === i18n.language)?.code ?? "en";
  const [language, setLanguage] = useState<Language>(own);
  return (
    <Group align="end" gap="xs">
      <NativeSelect
        label={t("connect.printLanguage")}
        value={language}
        onChange={({ currentTarget }) =>
          setLanguage(LANGUAGES.find(({ code }) => code === currentTarget.value)?.code ?? own)
        }
        data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
      />
      <Button variant="default" onClick={() => print()}>
        {t("connect.print")}
      </Button>
      <InvitationSheet invitation={invitation} language={language} />
    </Group>
  );
}

/** Props of {@link InvitationCard}. */
export interface InvitationCardProps {
  readonly invitation: Invitation;
  readonly isGood: boolean;
  readonly isBusy: boolean;
  readonly onAgain: () => void;
}

/** An invitation for a phone: the code, how long it works, a sheet to print, and another one. */
export function InvitationCard(props: InvitationCardProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { invitation, isGood, isBusy, onAgain } = props;
  const again = (
    <Button variant="default" loading={isBusy} onClick={onAgain}>
      {t("connect.again")}
    </Button>
  );
  if (!isGood) {
    return (
      <Stack align="start">
        <Alert role="alert">{t("connect.expired")}</Alert>
        {again}
      </Stack>
    );
  }
  return (
    <div className="siphms-invitation">
      <QrCode text={invitation.link} label={t("connect.qrLabel")} />
      <Stack gap="sm" align="start">
        <Text>{t("connect.show")}</Text>
        <TimeLeft expires={invitation.expires} />
        <Text role="status">
          <span aria-hidden="true">○</span> {t("connect.waiting")}
        </Text>
        <PrintSheet invitation={invitation} />
        <Group gap="xs">
          <CopyButton value={invitation.link}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? "connect.copied" : "connect.copy")}
              </Button>
            )}
          </CopyButton>
          {again}
        </Group>
        <Text size="sm" c="dimmed">
          {t("connect.againHelp")}
        </Text>
      </Stack>
    </div>
  );
}
