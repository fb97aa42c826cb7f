import { Button, Group, Text } from "@mantine/core";
import {
  CONSOLE_PATHS,
  type Factors,
  type RecoveryCodes as Codes,
  type TotpOffer,
} from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { NewPassword } from "../../session/new-password.tsx";
import { RecoveryCodes } from "../../session/recovery-codes.tsx";
import { useSignedIn } from "../../session/session.ts";
import { Dialog } from "../dialog.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";

interface PasswordAndAppProps {
  readonly factors: Factors;
  readonly onChanged: () => void;
}

/** The own password with its app for codes: to set up or change both, and to make new recovery codes. */
export function PasswordAndApp({ factors, onChanged }: PasswordAndAppProps): ReactElement {
  const { t } = useTranslation("session");
  const [isChanging, setChanging] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const show = ({ codes: made }: Codes): void => {
    setChanging(false);
    setCodes(made);
    onChanged();
  };
  const renew = useMutation({
    mutationFn: () => callApi<Codes>(CONSOLE_PATHS.recoveryCodes, { method: "POST" }),
    onSuccess: show,
  });
  return (
    <Part title={t("account.passwordTitle")}>
      <Text size="sm">
        {factors.password ? t("account.hasPassword") : t("account.noPassword")}{" "}
        {factors.password ? t("account.codesLeft", { count: factors.recoveryCodesLeft }) : null}
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={() => setChanging(true)}>
          {factors.password ? t("account.changePassword") : t("account.addPassword")}
        </Button>
        {factors.password ? (
          <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
            {t("account.newCodes")}
          </Button>
        ) : null}
      </Group>
      {factors.password ? (
        <Text size="sm" c="dimmed">
          {t("account.newCodesHelp")}
        </Text>
      ) : null}
      <ProblemAlert error={renew.error} />
      {isChanging ? (
        <Change
          title={factors.password ? t("account.changePassword") : t("account.addPassword")}
          onClose={() => setChanging(false)}
          onDone={show}
        />
      ) : null}
      {codes === undefined ? null : (
        // Not closed by accident: they are never shown again.
        <Dialog title={t("codes.title")} onClose={() => undefined}>
          <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />
        </Dialog>
      )}
    </Part>
  );
}

interface ChangeProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly onDone: (set: Codes) => void;
}

function Change({ title, onClose, onDone }: ChangeProps): ReactElement {
  const { t } = useTranslation("session");
  const { staff } = useSignedIn();
  return (
    <Dialog title={title} onClose={onClose}>
      <Text size="sm">{t("account.changeHelp")}</Text>
      <NewPassword
        name={staff.name}
        onOffer={() => callApi<TotpOffer>(CONSOLE_PATHS.totp, { method: "POST" })}
        onSet={(body) => callApi<Codes>(CONSOLE_PATHS.password, { method: "POST", body })}
        onDone={onDone}
      />
      <Button variant="default" onClick={onClose}>
        {t("account.cancel")}
      </Button>
    </Dialog>
  );
}
