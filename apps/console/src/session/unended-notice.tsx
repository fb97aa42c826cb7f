import { Alert, Button, Stack, Text } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../format.ts";
import type { Unended } from "./session-store.ts";
import { useSignOut } from "./session.ts";

/** Says that a sign-out emptied the screen but ended nothing at the hospital, until when that lasts, and tries again. */
export function UnendedNotice({ where, until }: Unended): ReactElement {
  const { t } = useTranslation("session");
  const { t: common } = useTranslation();
  const signOut = useSignOut();
  const [isBusy, setBusy] = useState(false);
  const again = async (): Promise<void> => {
    setBusy(true);
    await signOut(where);
    setBusy(false);
  };
  return (
    <Alert role="alert" color="red" title={t(`unended.${where}.title`)}>
      <Stack gap="xs" align="start">
        <Text size="sm">{t(`unended.${where}.help`, { time: formatInstant(until) })}</Text>
        <Button variant="default" size="sm" loading={isBusy} onClick={() => void again()}>
          {common("error.retry")}
        </Button>
      </Stack>
    </Alert>
  );
}
