import { Alert, Button } from "@mantine/core";
import { useContext, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { AlertsContext } from "../../live/with-records.tsx";

/** Says that the open alerts are not known, wherever somebody might take their absence for good news. */
export function AlertsFailed(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const { t: common } = useTranslation();
  const { failed, retry } = useContext(AlertsContext);
  if (!failed) return null;
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)">
      {t("failed")}{" "}
      <Button variant="default" size="sm" onClick={retry}>
        {common("error.retry")}
      </Button>
    </Alert>
  );
}
