import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useNavigation } from "../app/navigation.ts";

/** Back to where the patient came from, as the phone's own button does. */
export function BackButton(): ReactElement {
  const { t } = useTranslation("frame");
  const { back } = useNavigation();
  return (
    <div>
      <Button variant="subtle" onClick={back}>
        {t("back")}
      </Button>
    </div>
  );
}
