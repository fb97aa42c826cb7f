import { Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { secondFactorOf, type RecoveryCodes, type TotpOffer } from "@siphms/api";
import { useEffect, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../client.ts";
import { QrCode } from "../views/qr-code.tsx";
import { Failure } from "./failure-alert.tsx";
import { lengthFaultOf } from "./password-length.ts";
import { useAttempt } from "./use-attempt.ts";

/** What is sent to set password and app together. */
export interface NewPasswordBody {
  readonly password: string;
  readonly ticket: string;
  readonly code: string;
}

interface NewPasswordProps {
  /** Whose it is; password managers keep it under this name. */
  readonly name: string;
  readonly onOffer: () => Promise<TotpOffer>;
  readonly onSet: (body: NewPasswordBody) => Promise<RecoveryCodes>;
  readonly onDone: (set: RecoveryCodes) => void;
}

type Fault = "refused" | "tooLong" | "tooShort";

/** What is typed, what is wrong with it, and what is tried. */
function useNewPassword({ onOffer, onSet, onDone }: NewPasswordProps) {
  const attempt = useAttempt();
  const { run } = attempt;
  const [offer, setOffer] = useState<TotpOffer>();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<Fault>();
  const [isCodeForm, setCodeForm] = useState(true);
  const renew = (): Promise<void> =>
    run(async () => {
      setOffer(await onOffer());
      setCode("");
    });
  useEffect(() => {
    void renew();
    // Once: a new secret comes only when the person asks for one.
  }, []);
  const set = async (ticket: string, proof: string): Promise<void> => {
    try {
      onDone(await onSet({ password, ticket, code: proof }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem !== "password-refused") throw error;
      setFault("refused");
    }
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const proof = secondFactorOf(code);
    const isSixDigits = proof?.length === 6;
    setFault(lengthFaultOf(password));
    setCodeForm(isSixDigits);
    if (lengthFaultOf(password) !== undefined || !isSixDigits || offer === undefined) return;
    void run(() => set(offer.ticket, proof));
  };
  return {
    ...{ attempt, offer, password, code, fault, isCodeForm },
    ...{ setPassword, setCode, renew, submit },
  };
}

/** Chooses a password and joins an app for codes; nothing is set until a code proves that the app has the secret. */
export function NewPassword(props: NewPasswordProps): ReactElement {
  const { t } = useTranslation("session");
  const form = useNewPassword(props);
  const { attempt, offer, fault } = form;
  return (
    <form noValidate onSubmit={form.submit}>
      <Stack gap="md">
        <input
          type="text"
          name="username"
          autoComplete="username"
          value={props.name}
          readOnly
          hidden
        />
        <PasswordInput
          name="new-password"
          label={t("newPassword.password")}
          description={t("newPassword.rules")}
          autoComplete="new-password"
          value={form.password}
          onChange={(event) => form.setPassword(event.currentTarget.value)}
          error={fault === undefined ? undefined : t(`newPassword.${fault}`)}
          visibilityToggleButtonProps={{ "aria-label": t("logIn.show") }}
        />
        <Title order={2} size="h5">
          {t("newPassword.appTitle")}
        </Title>
        <Text size="sm">{t("newPassword.appHelp")}</Text>
        {offer === undefined ? null : <Offer offer={offer} />}
        <TextInput
          name="code"
          label={t("newPassword.code")}
          autoComplete="one-time-code"
          inputMode="numeric"
          dir="ltr"
          value={form.code}
          onChange={(event) => form.setCode(event.currentTarget.value)}
          error={form.isCodeForm ? undefined : t("newPassword.codeForm")}
        />
        <Failure text={attempt.failure} />
        <Button type="submit" loading={attempt.isBusy} disabled={offer === undefined}>
          {t("newPassword.submit")}
        </Button>
        <Button variant="default" onClick={() => void form.renew()}>
          {t("newPassword.newSecret")}
        </Button>
      </Stack>
    </form>
  );
}

function Offer({ offer }: { readonly offer: TotpOffer }): ReactElement {
  const { t } = useTranslation("session");
  const groups = offer.secret.replace(/.{4}(?!$)/g, "$& ");
  return (
    <>
      <QrCode text={offer.uri} label={t("newPassword.qr")} />
      <Text size="sm">
        {t("newPassword.secret")}:{" "}
        <bdi dir="ltr" className="siphms-secret" data-testid="totp-secret">
          {groups}
        </bdi>
      </Text>
    </>
  );
}
