import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import { Notice } from "../parts/notices.tsx";
import { useDoing } from "../parts/use-doing.ts";

/** Parts from a sensor; says what that means and asks once. */
export function ForgetSensor({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): ReactElement {
  const { t } = useTranslation("sensors");
  const { sensors, board } = useOpenApp();
  const [isAsked, setAsked] = useState(false);
  const { fault, run } = useDoing();
  const forget = async (): Promise<void> => {
    await sensors?.forget(id);
    board?.refresh();
  };
  if (!isAsked)
    return (
      <Button variant="subtle" color="red" onClick={() => setAsked(true)}>
        {t("forget")}
      </Button>
    );
  return (
    <Notice tone="stop" role="alert">
      <p>{fault ?? t("forgetAsk", { name })}</p>
      <div className="siphms-actions">
        <Button color="red" onClick={() => void run(forget)}>
          {t("forgetYes")}
        </Button>
        <Button variant="default" onClick={() => setAsked(false)}>
          {t("cancel")}
        </Button>
      </div>
    </Notice>
  );
}
