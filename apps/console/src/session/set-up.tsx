import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import {
  CONSOLE_PATHS,
  type RecoveryCodes as Codes,
  type SessionInfo,
  type SetUpPerson,
  type TotpOffer,
} from "@siphms/api";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "../client.ts";
import { formatInstant } from "../format.ts";
import { FrontPage } from "./front-page.tsx";
import { NewPassword } from "./new-password.tsx";
import { createPasskey } from "./passkeys.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { useAttempt } from "./use-attempt.ts";
import { Failure } from "./failure-alert.tsx";

interface SetUpProps {
  readonly token: string;
  readonly person: SetUpPerson;
  readonly onSession: (session: SessionInfo) => void;
}

type Way = "choose" | "passkey" | "password";

/** What a one-use link opens: whom it is for, and the choice of how they sign in from now on. */
export function SetUp({ token, person, onSession }: SetUpProps): ReactElement {
  const { t } = useTranslation("session");
  const [way, setWay] = useState<Way>("choose");
  const [set, setSet] = useState<Codes>();
  if (set !== undefined) {
    const { session, codes } = set;
    return (
      <FrontPage title={t("codes.title")}>
        <RecoveryCodes
          codes={codes}
          onKept={() => {
            if (session !== undefined) onSession(session);
          }}
        />
      </FrontPage>
    );
  }
  return (
    <FrontPage title={t("setUp.title")}>
      <Stack gap={4}>
        <Text fw={600}>
          {t("setUp.for", { name: person.name, role: t(`role.${person.role}`) })}
        </Text>
        <Text size="sm">{t("setUp.notYou")}</Text>
        <Text size="sm" c="dimmed">
          {t("setUp.until", { time: formatInstant(person.expires) })} {t("setUp.replaces")}
        </Text>
      </Stack>
      {way === "choose" ? <Choice onWay={setWay} /> : null}
      {way === "passkey" ? <NewPasskey token={token} onSession={onSession} /> : null}
      {way === "password" ? (
        <NewPassword
          name={person.name}
          onOffer={() => post<TotpOffer>(CONSOLE_PATHS.setUpTotp, { token })}
          onSet={(body) => post<Codes>(CONSOLE_PATHS.setUpPassword, { token, ...body })}
          onDone={setSet}
        />
      ) : null}
      {way === "choose" ? null : (
        <Button variant="subtle" onClick={() => setWay("choose")}>
          {t("setUp.back")}
        </Button>
      )}
    </FrontPage>
  );
}

function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return callOnce<Answer>(path, { method: "POST", body });
}

function Choice({ onWay }: { readonly onWay: (way: Way) => void }): ReactElement {
  const { t } = useTranslation("session");
  return (
    <>
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t("setUp.passkeyTitle")}
        </Title>
        <Text size="sm">{t("setUp.passkeyHelp")}</Text>
        <Button onClick={() => onWay("passkey")}>{t("setUp.passkeyChoose")}</Button>
      </Stack>
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t("setUp.passwordTitle")}
        </Title>
        <Text size="sm">{t("setUp.passwordHelp")}</Text>
        <Button variant="default" onClick={() => onWay("password")}>
          {t("setUp.passwordChoose")}
        </Button>
      </Stack>
    </>
  );
}

function NewPasskey({ token, onSession }: Omit<SetUpProps, "person">): ReactElement {
  const { t } = useTranslation("session");
  const attempt = useAttempt();
  const [label, setLabel] = useState(t("passkeys.labelDefault"));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void attempt.run(async () => {
      const credential = await createPasskey(CONSOLE_PATHS.setUpPasskeyCreation, { token });
      const body = { token, label: label.trim() || t("passkeys.labelDefault"), credential };
      onSession(await post<SessionInfo>(CONSOLE_PATHS.setUpPasskey, body));
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t("passkeys.label")}
          description={t("passkeys.labelHelp")}
          maxLength={60}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Button type="submit" loading={attempt.isBusy}>
          {t("passkeys.create")}
        </Button>
        <Failure text={attempt.failure} />
      </Stack>
    </form>
  );
}
