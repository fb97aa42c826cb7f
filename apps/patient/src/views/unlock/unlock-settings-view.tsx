import { Alert, Button, Card, Stack, Text, Title } from "@mantine/core";
import { useCallback, useEffect, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import { PatientError, type PatientErrorCode } from "../../errors.ts";
import type { VaultStatus } from "../../vault/vault.ts";
import { BackButton } from "../back-button.tsx";
import { NewPinFields, NO_PIN } from "./new-pin.tsx";
import { UnlockForm } from "./unlock-form.tsx";

type Said = PatientErrorCode | "FAILED" | "pinDiffers" | "saved" | undefined;

/** Changes the ways into the app, after who is there has shown once more that it is the patient. */
export function UnlockSettingsView(): ReactElement {
  const { t } = useTranslation("unlock");
  const app = usePatientApp();
  const [vault, setVault] = useState<VaultStatus>();
  const [isVerified, setVerified] = useState(false);
  const look = useCallback(() => app.vaultStatus().then(setVault), [app]);
  useEffect(() => void look(), [look]);
  const verify = async (pin?: string): ReturnType<typeof app.verify> => {
    const outcome = await app.verify(pin);
    if (outcome.kind === "opened") setVerified(true);
    await look();
    return outcome;
  };
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("settingsTitle")}
      </Title>
      <Text>{t("strength")}</Text>
      {vault === undefined ? null : isVerified ? (
        <Methods vault={vault} onChanged={look} />
      ) : (
        <>
          <Text fw={600}>{t("settingsVerify")}</Text>
          <UnlockForm vault={vault} onPin={verify} onPasskey={() => verify()} />
        </>
      )}
    </Stack>
  );
}

function Methods(props: {
  readonly vault: VaultStatus;
  readonly onChanged: () => Promise<void>;
}): ReactElement {
  const { vault, onChanged } = props;
  const [said, setSaid] = useState<Said>();
  const [isBusy, setBusy] = useState(false);
  const change: Change = async (work) => {
    setSaid(undefined);
    setBusy(true);
    try {
      await work();
      await onChanged();
      setSaid("saved");
    } catch (error) {
      setSaid(error instanceof PatientError ? error.code : "FAILED");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Words said={said} />
      <PinCard {...{ vault, isBusy, change }} onDiffers={() => setSaid("pinDiffers")} />
      <PasskeyCard {...{ vault, isBusy, change }} />
    </Stack>
  );
}

type Change = (work: () => Promise<void>) => Promise<void>;

interface CardProps {
  readonly vault: VaultStatus;
  readonly isBusy: boolean;
  readonly change: Change;
}

function PinCard(props: CardProps & { readonly onDiffers: () => void }): ReactElement {
  const { t } = useTranslation("unlock");
  const app = usePatientApp();
  const { vault, isBusy, change, onDiffers } = props;
  const [pin, setPin] = useState(NO_PIN);
  const save = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (pin.first !== pin.second) onDiffers();
    else void change(() => app.setPin(pin.first)).then(() => setPin(NO_PIN));
  };
  return (
    <Card withBorder>
      <form onSubmit={save}>
        <Stack gap="xs">
          <Text fw={600}>{t(PIN_WORDS[vault.pin])}</Text>
          <NewPinFields labels={[t("newPin"), t("newPinAgain")]} pin={pin} onPin={setPin} />
          <Button type="submit" loading={isBusy}>
            {t("savePin")}
          </Button>
          {vault.pin === "set" && vault.prf !== undefined ? (
            <Button variant="default" onClick={() => void change(() => app.removePin())}>
              {t("removePin")}
            </Button>
          ) : null}
        </Stack>
      </form>
    </Card>
  );
}

function PasskeyCard({ vault, isBusy, change }: CardProps): ReactElement {
  const { t } = useTranslation("unlock");
  const app = usePatientApp();
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Text fw={600}>{vault.prf === undefined ? t("passkeyNone") : t("passkeySet")}</Text>
        <Button
          variant="default"
          disabled={isBusy}
          onClick={() => void change(() => app.addPasskey())}
        >
          {vault.prf === undefined ? t("addPasskey") : t("changePasskey")}
        </Button>
        {vault.prf !== undefined && vault.pin === "set" ? (
          <Button variant="default" onClick={() => void change(() => app.removePasskey())}>
            {t("removePasskey")}
          </Button>
        ) : null}
      </Stack>
    </Card>
  );
}

const PIN_WORDS = { set: "pinSet", none: "pinNone", destroyed: "pinDestroyed" } as const;

function Words({ said }: { readonly said: Said }): ReactElement | null {
  const { t } = useTranslation(["unlock", "welcome", "problems"]);
  if (said === undefined) return null;
  if (said === "saved") return <Alert role="status">{t("saved")}</Alert>;
  return (
    <Alert role="alert">
      {said === "pinDiffers" ? t("welcome:pinDiffers") : t(`problems:${said}`)}
    </Alert>
  );
}
