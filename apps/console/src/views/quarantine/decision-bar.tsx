import { Alert, Button, Group, Text } from "@mantine/core";
import type { QuarantineEntry } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { DecisionDialog, type DecisionKind } from "./decision-dialog.tsx";

/** Props of {@link DecisionBar}. */
export interface DecisionBarProps {
  readonly patient: string;
  /** What is selected. */
  readonly entries: readonly QuarantineEntry[];
  readonly onDecided: () => void;
}

interface Done {
  readonly kind: DecisionKind;
  readonly count: number;
}

/** Releases or rejects what is selected, after a reason; says what became of it. */
export function DecisionBar({ patient, entries, onDecided }: DecisionBarProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const [asked, setAsked] = useState<DecisionKind>();
  const [done, setDone] = useState<Done>();
  const count = entries.reduce((sum, { samples }) => sum + samples, 0);
  const blocked = entries.some(({ unreleasable }) => unreleasable !== undefined);
  return (
    <>
      <Group gap="sm">
        <Button disabled={entries.length === 0 || blocked} onClick={() => setAsked("released")}>
          {t("release")}
        </Button>
        <Button
          variant="default"
          disabled={entries.length === 0}
          onClick={() => setAsked("rejected")}
        >
          {t("reject")}
        </Button>
        <Text size="sm" role="status">
          {t("selected", { count: entries.length })}
        </Text>
      </Group>
      {done === undefined ? null : (
        <Alert role="status">
          {t(done.kind === "released" ? "doneReleased" : "doneRejected", { count: done.count })}
        </Alert>
      )}
      {asked === undefined ? null : (
        <DecisionDialog
          patient={patient}
          kind={asked}
          entries={entries}
          onClose={() => setAsked(undefined)}
          onDecided={() => {
            setDone({ kind: asked, count });
            setAsked(undefined);
            onDecided();
          }}
        />
      )}
    </>
  );
}
