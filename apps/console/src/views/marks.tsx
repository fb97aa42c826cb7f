import { Badge, Tooltip } from "@mantine/core";
import type { PatientSummary } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

interface MarkProps {
  readonly symbol: string;
  readonly word: string;
  readonly help?: string;
  readonly colour: string;
}

/** A small mark: a shape (as in the charts), a word and a colour together, with its meaning on focus and hover. */
function Mark({ symbol, word, help, colour }: MarkProps): ReactElement {
  return (
    <Tooltip label={help ?? word} events={{ hover: true, focus: true, touch: true }}>
      <span
        tabIndex={help === undefined ? undefined : 0}
        className="siphms-mark"
        style={{ color: `var(--siphms-${colour})` }}
      >
        <span aria-hidden="true">{symbol}</span> {word}
      </span>
    </Tooltip>
  );
}

/** Marks a value that arrived late. */
export function LateMark(): ReactElement {
  const { t } = useTranslation();
  return <Mark symbol="▽" word={t("late")} help={t("lateHelp")} colour="medium" />;
}

/** Marks a value that is in quarantine, or says how many of a patient's are. */
export function QuarantineMark({ count }: { readonly count?: number }): ReactElement {
  const { t } = useTranslation();
  const word = count === undefined ? t("quarantined") : t("quarantineCount", { count });
  return <Mark symbol="○" word={word} help={t("quarantinedHelp")} colour="technical" />;
}

/** Says where a value came from when it was not a sensor. */
export function OriginMark({
  origin,
}: {
  readonly origin: "sensor" | "typed" | "imported";
}): ReactElement | null {
  // Of a whole ward nearly all are: they ask for no texts.
  return origin === "sensor" ? null : <ByHandMark origin={origin} />;
}

function ByHandMark({ origin }: { readonly origin: "typed" | "imported" }): ReactElement {
  const { t } = useTranslation();
  return <Mark symbol={origin === "typed" ? "□" : "◇"} word={t(origin)} colour="axis" />;
}

/** Marks a value that stood in quarantine until a doctor released it. */
export function ReleasedMark(): ReactElement {
  const { t } = useTranslation();
  return <Mark symbol="◎" word={t("released")} help={t("releasedHelp")} colour="technical" />;
}

/** Says that a patient is a recording or an invention, where that is so. */
export function SourceBadge({
  patient,
}: {
  readonly patient: PatientSummary;
}): ReactElement | null {
  return patient.source === undefined ? null : <Source source={patient.source} />;
}

function Source({
  source,
}: {
  readonly source: NonNullable<PatientSummary["source"]>;
}): ReactElement {
  const { t } = useTranslation();
  return (
    <Badge variant="outline" size="sm" color="var(--siphms-pending)" className="siphms-badge">
      {t(source)}
    </Badge>
  );
}
