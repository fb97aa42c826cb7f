import { Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { TrailEntry, TrailSeries } from "../../journal/index.ts";
import { isOnPurpose } from "../../readings/latest.ts";
import { isLate } from "../../readings/late.ts";
import { LateMark, OriginMark } from "../parts/marks.tsx";
import { Instant } from "../parts/time.tsx";
import { useFormats } from "../parts/use-formats.ts";
import { useKindName, Value } from "../parts/value.tsx";

const RR_INTERVAL = 8;

/** What one item holds: for each kind its last value, how many there are and between what they lie. */
export function ReadingContent({ entry }: { readonly entry: TrailEntry }): ReactElement {
  const { t } = useTranslation("today");
  if (entry.series === undefined) return <Text>{t("way.unknown")}</Text>;
  const shown = entry.series.filter(({ kind }) => kind !== RR_INTERVAL).sort(onPurposeFirst);
  return (
    <Stack gap="xs" className="siphms-card">
      {(shown.length > 0 ? shown : entry.series).map((series, index) => (
        <Content key={index} series={series} received={entry.receipt?.received} />
      ))}
    </Stack>
  );
}

/** A blood pressure that came in one item with a minute of a strap is what the person looks for. */
function onPurposeFirst(a: TrailSeries, b: TrailSeries): number {
  return Number(!isOnPurpose(a.kind)) - Number(!isOnPurpose(b.kind));
}

function Content({
  series,
  received,
}: {
  readonly series: TrailSeries;
  readonly received: number | undefined;
}): ReactElement {
  const { t } = useTranslation("today");
  const formats = useFormats();
  const nameOf = useKindName();
  const { kind, last, count, low, high, origin, end } = series;
  const values = t("way.values", { count });
  return (
    <div>
      <div className="siphms-row">
        <span>{nameOf(kind)}</span>
        <OriginMark origin={origin} />
        {received !== undefined && isLate(end, received) ? <LateMark /> : null}
      </div>
      <Value kind={kind} value={last} large />
      <Text size="sm" c="dimmed">
        <Instant at={end} />
        {count > 1 ? (
          <>
            <br />
            {low === undefined || high === undefined
              ? values
              : t("way.range", {
                  values,
                  low: formats.value(kind, low),
                  high: formats.value(kind, high),
                })}
          </>
        ) : null}
      </Text>
    </div>
  );
}
