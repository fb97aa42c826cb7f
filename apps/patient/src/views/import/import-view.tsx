import { Button, FileButton, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import {
  type FileFault,
  type ImportResult,
  MAX_FILE_BYTES,
  readImport,
} from "../../readings/import-file.ts";
import { seriesOf, type TimedValue } from "../../readings/series-of.ts";
import { BackButton } from "../back-button.tsx";
import { Notice, Waiting } from "../parts/notices.tsx";
import "../parts/readings.css";
import { useDoing } from "../parts/use-doing.ts";
import { FoundReadings } from "./found-readings.tsx";

const IMPORTED = 2;
const EXAMPLE =
  "at,kind,value\n2026-03-01T08:00:00Z,blood-pressure,122/78\n2026-03-01T08:05:00Z,glucose,98";

type Stage =
  | { readonly kind: "none" | "reading" }
  | { readonly kind: "fault"; readonly fault: FileFault | "unreadable" }
  | { readonly kind: "found"; readonly found: Extract<ImportResult, { readonly kind: "read" }> }
  | { readonly kind: "done"; readonly count: number };

/** Readings out of a CSV or JSON file: shows what it holds, and records nothing before the person confirms. */
export function ImportView(): ReactElement {
  const { t } = useTranslation("enter");
  const { device } = useOpenApp();
  const [stage, setStage] = useState<Stage>({ kind: "none" });
  const read = async (file: File | null): Promise<void> => {
    if (file === null) return;
    setStage({ kind: "reading" });
    setStage(await stageOf(file, device.now()));
  };
  return (
    <Stack gap="lg">
      <BackButton />
      <Title order={1} size="h2">
        {t("file.title")}
      </Title>
      <Text>{t("file.help")}</Text>
      <details>
        <summary className="siphms-summary">{t("file.example")}</summary>
        <pre className="siphms-mono" dir="ltr">
          {EXAMPLE}
        </pre>
      </details>
      <StageShown stage={stage} onStage={setStage} />
      <FileButton
        accept=".csv,.json,text/csv,application/json"
        onChange={(file) => void read(file)}
        inputProps={{ "aria-label": t("file.choose") }}
      >
        {(props) => (
          <Button {...props} variant={stage.kind === "found" ? "default" : "filled"}>
            {t("file.choose")}
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}

function StageShown({
  stage,
  onStage,
}: {
  readonly stage: Stage;
  readonly onStage: (stage: Stage) => void;
}): ReactElement | null {
  const { t } = useTranslation("enter");
  const { save, fault } = useRecordAll((count) => onStage({ kind: "done", count }));
  switch (stage.kind) {
    case "none":
      return null;
    case "reading":
      return <Waiting />;
    case "fault":
      return (
        <Notice tone="warn" role="alert">
          {t(`file.fault.${stage.fault}`)}
        </Notice>
      );
    case "done":
      return (
        <Notice tone="info" role="status">
          {t("file.done", { count: stage.count })}
        </Notice>
      );
    case "found":
      return (
        <>
          {fault === undefined ? null : (
            <Notice tone="stop" role="alert">
              {t("failed", { reason: fault })}
            </Notice>
          )}
          <FoundReadings
            found={stage.found}
            onConfirm={() => save(stage.found.values)}
            onDiscard={() => onStage({ kind: "none" })}
          />
        </>
      );
  }
}

function useRecordAll(onDone: (count: number) => void): {
  readonly save: (values: readonly TimedValue[]) => Promise<void>;
  readonly fault: string | undefined;
} {
  const { journal } = useOpenApp();
  const { fault, run } = useDoing();
  const save = (values: readonly TimedValue[]): Promise<void> =>
    run(async () => {
      await journal.record(seriesOf(values, IMPORTED));
      onDone(values.length);
    });
  return { save, fault };
}

async function stageOf(file: File, now: number): Promise<Stage> {
  // Before it is read: a film of a gigabyte is not brought into the memory.
  if (file.size > MAX_FILE_BYTES) return { kind: "fault", fault: "too-large" };
  let text: string;
  try {
    text = await file.text();
  } catch {
    // Moved, taken away, or no right to read it: another choice is all that helps.
    return { kind: "fault", fault: "unreadable" };
  }
  const result = readImport(text, now);
  return result.kind === "read"
    ? { kind: "found", found: result }
    : { kind: "fault", fault: result.fault };
}
