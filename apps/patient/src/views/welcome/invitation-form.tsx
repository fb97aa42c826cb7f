import { Alert, Button, Card, Code, Radio, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { InvitationView } from "../../app/stage.ts";
import { PatientError, type PatientErrorCode } from "../../errors.ts";
import { groupsOf } from "../hex-groups.ts";
import { NewPinFields, NO_PIN, type NewPin } from "../unlock/new-pin.tsx";

type Method = "passkey" | "pin" | "both";

/** Props of {@link InvitationForm}. */
export interface InvitationFormProps {
  readonly invitation: InvitationView;
  /** Whether a way in has to be chosen. */
  readonly needsMethods: boolean;
}

/** Shows whose invitation it is, and asks how the app shall be opened. */
export function InvitationForm({ invitation, needsMethods }: InvitationFormProps): ReactElement {
  const { t } = useTranslation(["welcome", "problems"]);
  const app = usePatientApp();
  const canUsePasskey = useCanUsePasskey();
  const [method, setMethod] = useState<Method>("pin");
  const [pin, setPin] = useState(NO_PIN);
  const withPin = needsMethods && method !== "passkey";
  const { connect, isBusy, problem } = useConnect({ needsMethods, method, pin });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void connect();
      }}
    >
      <Stack gap="md">
        <HospitalCard invitation={invitation} />
        {needsMethods ? (
          <MethodChoice method={method} onMethod={setMethod} canUsePasskey={canUsePasskey} />
        ) : null}
        {withPin ? (
          <NewPinFields
            labels={[t("pin"), t("pinAgain")]}
            description={t("methodPinHelp")}
            pin={pin}
            onPin={setPin}
          />
        ) : null}
        {problem === undefined ? null : (
          <Alert role="alert">
            {problem === "pinDiffers" ? t("pinDiffers") : t(`problems:${problem}`)}
          </Alert>
        )}
        <Button type="submit" loading={isBusy}>
          {t("connect")}
        </Button>
        <Button variant="default" onClick={() => void app.otherInvitation()}>
          {t("otherInvitation")}
        </Button>
      </Stack>
    </form>
  );
}

/** Enrols with what was chosen, and keeps what stood against it. */
function useConnect(chosen: {
  readonly needsMethods: boolean;
  readonly method: Method;
  readonly pin: NewPin;
}) {
  const app = usePatientApp();
  const [problem, setProblem] = useState<PatientErrorCode | "pinDiffers">();
  const [isBusy, setBusy] = useState(false);
  const { needsMethods, method, pin } = chosen;
  const withPin = needsMethods && method !== "passkey";
  const connect = async (): Promise<void> => {
    if (withPin && pin.first !== pin.second) {
      setProblem("pinDiffers");
      return;
    }
    setProblem(undefined);
    setBusy(true);
    try {
      await app.enrol({
        ...(withPin ? { pin: pin.first } : {}),
        passkey: needsMethods && method !== "pin",
      });
    } catch (error) {
      if (!(error instanceof PatientError)) throw error;
      setProblem(error.code);
    } finally {
      setBusy(false);
    }
  };
  return { connect, isBusy, problem };
}

function HospitalCard({ invitation }: { readonly invitation: InvitationView }): ReactElement {
  const { t } = useTranslation("welcome");
  return (
    <Card withBorder>
      <Stack gap="xs">
        <div>
          <Text size="sm" c="dimmed">
            {t("hospital")}
          </Text>
          <Text fw={700} size="lg" dir="auto">
            {invitation.hospitalName}
          </Text>
        </div>
        <div>
          <Text size="sm" c="dimmed">
            {t("fingerprint")}
          </Text>
          <Code dir="ltr" className="siphms-fingerprint">
            {groupsOf(invitation.fingerprint)}
          </Code>
          <Text size="sm">{t("fingerprintHelp")}</Text>
        </div>
        {invitation.hasExpired ? <Alert role="alert">{t("hasExpired")}</Alert> : null}
      </Stack>
    </Card>
  );
}

function MethodChoice(props: {
  readonly method: Method;
  readonly onMethod: (method: Method) => void;
  readonly canUsePasskey: boolean;
}): ReactElement {
  const { t } = useTranslation("welcome");
  const choices = [
    ["passkey", t("methodPasskey"), t("methodPasskeyHelp")],
    ["pin", t("methodPin"), t("methodPinHelp")],
    ["both", t("methodBoth"), t("methodBothHelp")],
  ] as const;
  if (!props.canUsePasskey)
    return (
      <div>
        <Title order={2} size="h4">
          {t("methodTitle")}
        </Title>
        <Text size="sm">{t("noPasskey")}</Text>
      </div>
    );
  return (
    <Radio.Group label={t("methodTitle")} description={t("methodHelp")} value={props.method}>
      <Stack gap="xs" mt="xs">
        {choices.map(([value, label, description]) => (
          <Radio
            key={value}
            value={value}
            label={label}
            description={description}
            onChange={() => props.onMethod(value)}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function useCanUsePasskey(): boolean {
  const app = usePatientApp();
  const [can, setCan] = useState(false);
  useEffect(() => void app.canUsePasskey().then(setCan), [app]);
  return can;
}
