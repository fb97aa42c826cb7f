import { Anchor, Card, Checkbox, Group, Stack, Text } from "@mantine/core";
import { samplesOfRuns, type QuarantineEntry } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatInstant, quarantineReason } from "../../format.ts";
import { evidenceAddress } from "../evidence/evidence-address.ts";
import { Age } from "../live-age.tsx";
import { SampleTable } from "../parts/sample-table.tsx";

/** Props of {@link QuarantineCard}. */
export interface QuarantineCardProps {
  readonly patient: string;
  readonly entry: QuarantineEntry;
  readonly isChosen: boolean;
  /** Absent for those who decide nothing. */
  readonly onToggle?: () => void;
}

/** Values of one message that stand in quarantine for one reason. */
export function QuarantineCard(props: QuarantineCardProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const { t: common } = useTranslation();
  const { patient, entry, isChosen, onToggle } = props;
  const reason = quarantineReason(common, entry.reason);
  const kinds = [...new Set(entry.runs.map(({ kind }) => common(`kind.${kind}`)))].join(", ");
  const what = `${t("samples", { count: entry.samples })}, ${kinds}: ${reason}`;
  return (
    <Card withBorder component="li" padding="sm">
      <Group align="start" wrap="nowrap" gap="sm">
        {onToggle === undefined ? null : (
          <Checkbox
            checked={isChosen}
            onChange={onToggle}
            aria-label={t("select", { what })}
            mt={2}
          />
        )}
        <Stack gap={6} flex={1} miw={0}>
          <Group justify="space-between" gap="xs">
            <Text fw={600}>
              <span aria-hidden="true">◌</span> {what}
            </Text>
            <Text size="sm" component="span">
              {t("received")} <Age at={entry.received} />
            </Text>
          </Group>
          {entry.unreleasable === undefined ? null : (
            <Text size="sm" className="siphms-medium">
              <span aria-hidden="true">▲</span> {t("cannot")}{" "}
              {t(`unreleasable.${entry.unreleasable}`)}
            </Text>
          )}
          <Decided entry={entry} />
          <SampleTable samples={samplesOfRuns(entry.runs)} />
          <Anchor component={Link} size="sm" to={evidenceAddress(patient, entry)}>
            {t("evidence")}
          </Anchor>
        </Stack>
      </Group>
    </Card>
  );
}

/** Who decided what, when and why. */
function Decided({ entry }: Pick<QuarantineCardProps, "entry">): ReactElement | null {
  const { t } = useTranslation("quarantine");
  const { decision } = entry;
  if (decision === undefined) return null;
  return (
    <Text size="sm" data-testid="decision">
      <span aria-hidden="true">{decision.kind === "released" ? "✓" : "✕"}</span>{" "}
      <b>{t(decision.kind)}</b>: {t("by", { name: decision.by, when: formatInstant(decision.at) })}
      {". "}
      <bdi>{decision.why}</bdi>
    </Text>
  );
}
