import { Alert, Button, Divider, FileButton, Stack, Text, TextInput } from "@mantine/core";
import { lazy, Suspense, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { usePatientApp } from "../../app/patient-app-context.ts";
import type { AppStage } from "../../app/stage.ts";
import { FrontPage } from "../front-page.tsx";
import { InvitationForm } from "./invitation-form.tsx";
import { StorageWarning } from "./storage-warning.tsx";

const CameraScan = lazy(() =>
  import("./camera-scan.tsx").then(({ CameraScan: component }) => ({ default: component })),
);

/** Where a phone without a hospital begins: the invitation, by camera, picture or link; then how to open the app. */
export function WelcomeView({
  stage,
}: {
  readonly stage: Extract<AppStage, { kind: "welcome" }>;
}): ReactElement {
  const { t } = useTranslation("welcome");
  const { invitation, isMalformed, needsMethods } = stage;
  return (
    <FrontPage title={t("title")}>
      {invitation === undefined ? (
        <FindInvitation isMalformed={isMalformed} />
      ) : (
        <InvitationForm invitation={invitation} needsMethods={needsMethods} />
      )}
      <StorageWarning />
    </FrontPage>
  );
}

function FindInvitation({ isMalformed }: { readonly isMalformed: boolean }): ReactElement {
  const { t } = useTranslation(["welcome", "problems"]);
  const app = usePatientApp();
  const [isScanning, setScanning] = useState(false);
  const [problem, setProblem] = useState<"noCodeInPicture" | "noCamera">();
  const take = (link: string): void => {
    setScanning(false);
    setProblem(undefined);
    void app.invite(link);
  };
  const takePicture = async (picture: File | null): Promise<void> => {
    if (picture === null) return;
    const { readCode } = await import("../../enrol/read-code.ts");
    const link = await readCode(picture);
    if (link === undefined) setProblem("noCodeInPicture");
    else take(link);
  };
  return (
    <Stack gap="md">
      <Text>{t("intro")}</Text>
      {isMalformed ? <Alert role="alert">{t("problems:INVITATION_MALFORMED")}</Alert> : null}
      {problem === undefined ? null : <Alert role="alert">{t(problem)}</Alert>}
      {isScanning ? (
        <Suspense>
          <CameraScan
            onFound={take}
            onStop={() => setScanning(false)}
            onFailed={() => {
              setScanning(false);
              setProblem("noCamera");
            }}
          />
        </Suspense>
      ) : (
        <Button onClick={() => setScanning(true)}>{t("scan")}</Button>
      )}
      <FileButton accept="image/*" onChange={(file) => void takePicture(file)}>
        {(props) => (
          <Button variant="default" {...props}>
            {t("picture")}
          </Button>
        )}
      </FileButton>
      <Divider />
      <PasteForm onLink={take} />
    </Stack>
  );
}

function PasteForm({ onLink }: { readonly onLink: (link: string) => void }): ReactElement {
  const { t } = useTranslation("welcome");
  const [link, setLink] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onLink(link.trim());
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TextInput
          label={t("pasteLabel")}
          value={link}
          onChange={(event) => setLink(event.currentTarget.value)}
          dir="ltr"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          required
        />
        <Button type="submit" variant="default">
          {t("pasteButton")}
        </Button>
      </Stack>
    </form>
  );
}
