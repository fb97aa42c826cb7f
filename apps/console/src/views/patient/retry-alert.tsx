import { Alert, Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../client.ts";

/** Says that the hospital did not give something, what that means, and how to go on. */
export function RetryAlert({
  error,
  onRetry,
}: {
  readonly error: Error;
  readonly onRetry: () => void;
}): ReactElement {
  const { t } = useTranslation();
  const answered = error instanceof ApiError && error.status !== 0;
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)" mb="sm">
      {answered ? t("error.unexpected", { title: error.message, detail: "" }) : t("error.network")}{" "}
      <Button variant="default" size="sm" onClick={onRetry}>
        {t("error.retry")}
      </Button>
    </Alert>
  );
}
