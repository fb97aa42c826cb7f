import { Button, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../app/navigation.ts";
import type { HistorySpan } from "../../readings/history.ts";
import { useAnswer, useAnswers } from "../parts/answers.ts";
import { Choice } from "../parts/choice.tsx";
import { Answered } from "../parts/notices.tsx";
import "../parts/readings.css";
import { Accesses } from "./accesses.tsx";
import { HistoryCharts } from "./history-charts.tsx";
import { Limits } from "./limits.tsx";
import { Messages } from "./messages.tsx";

const SPANS: readonly HistorySpan[] = ["day", "week", "month"];

/** The own record: what the hospital says, the own history, and what else the hospital answers. */
export function RecordView(): ReactElement {
  const { t } = useTranslation("record");
  const go = useGo();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("title")}
      </Title>
      <Messages />
      <History />
      <Limits />
      <Accesses />
      <div className="siphms-actions">
        <Button variant="default" onClick={() => go("my-information")}>
          {t("information")}
        </Button>
        <Button variant="default" onClick={() => go("devices")}>
          {t("devices")}
        </Button>
      </div>
    </Stack>
  );
}

function History(): ReactElement {
  const { t } = useTranslation("record");
  const [span, setSpan] = useState<HistorySpan>("day");
  const answer = useAnswers().history[span];
  const state = useAnswer(answer);
  return (
    <Stack gap="md">
      <Choice
        label={t("span")}
        value={span}
        options={SPANS.map((value) => ({ value, label: t(`spans.${value}`) }))}
        onChange={setSpan}
      />
      <Answered state={state} ask={answer.ask}>
        {(history) =>
          history.samples.length === 0 ? (
            <Text>{t("noReadings")}</Text>
          ) : (
            <HistoryCharts history={history} span={span} />
          )
        }
      </Answered>
    </Stack>
  );
}
