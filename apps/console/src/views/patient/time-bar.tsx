import { Button, Group, SegmentedControl, Text, TextInput } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { STEP, type Gestures } from "../../chart/gestures.ts";
import { formatInstant } from "../../format.ts";
import {
  dayView,
  presetOf,
  PRESETS,
  presetView,
  type Preset,
  type TimeSpan,
  type TimeView,
} from "./time-view.ts";

/** Props of {@link TimeBar}. */
export interface TimeBarProps {
  readonly view: TimeView;
  readonly span: TimeSpan;
  readonly now: number;
  /** The charts show another time still. */
  readonly behind: boolean;
  readonly gestures: Gestures;
  readonly onView: (view: TimeView) => void;
}

/** Which time the charts show, and every way to another that needs no mouse. */
export function TimeBar(props: TimeBarProps): ReactElement {
  const { t } = useTranslation("record");
  const { t: common } = useTranslation();
  const { view, span, now, behind, gestures, onView } = props;
  const preset = presetOf(view);
  return (
    <div className="siphms-time-bar">
      <Group gap="xs" className="siphms-no-print" align="end">
        <SegmentedControl
          className="siphms-time-presets"
          aria-label={common("range")}
          // None is chosen where somebody moved the charts: an empty value fits no button.
          value={preset ?? ""}
          onChange={(name) => onView(presetView(name as Preset))}
          data={Object.keys(PRESETS).map((name) => ({
            value: name,
            label: t(`presets.${name as Preset}`),
          }))}
        />
        <MoveButtons gestures={gestures} isNewest={view.kind === "newest"} />
        <TextInput
          type="date"
          label={t("goToDay")}
          max={isoDate(now)}
          onChange={(event) => {
            const day = dayView(event.currentTarget.value, now);
            if (day !== undefined) onView(day);
          }}
        />
        <Button variant="default" size="sm" onClick={() => print()}>
          {t("print")}
        </Button>
      </Group>
      <Group gap="0 1rem" mih="1.5em">
        <Text size="sm" className="siphms-time-span">
          {t("shown", { from: formatInstant(span.from), to: formatInstant(span.to) })}
        </Text>
        <Text size="sm" role="status" className="siphms-no-print">
          {behind ? t("behind") : null}
        </Text>
      </Group>
      <Text size="sm" c="dimmed" className="siphms-no-print" visibleFrom="md">
        {t("chartHelp")}
      </Text>
    </div>
  );
}

function MoveButtons({
  gestures,
  isNewest,
}: {
  readonly gestures: Gestures;
  readonly isNewest: boolean;
}): ReactElement {
  const { t } = useTranslation("record");
  // Time runs from left to right in every language, as on a monitor.
  const moves = [
    ["◀", "earlier", () => gestures.pan(-STEP.pan)],
    ["▶", "later", () => gestures.pan(STEP.pan)],
    ["−", "zoomOut", () => gestures.zoom(STEP.zoom, 0.5)],
    ["+", "zoomIn", () => gestures.zoom(1 / STEP.zoom, 0.5)],
  ] as const;
  return (
    <Group gap={4} dir="ltr" role="group" aria-label={t("move")}>
      {moves.map(([symbol, name, act]) => (
        <Button
          key={name}
          variant="default"
          size="sm"
          px="sm"
          aria-label={t(name)}
          title={t(name)}
          onClick={act}
        >
          {symbol}
        </Button>
      ))}
      <Button
        variant="default"
        size="sm"
        onClick={gestures.toNewest}
        aria-pressed={isNewest}
        title={t("newestHelp")}
      >
        {t("newest")}
      </Button>
    </Group>
  );
}

function isoDate(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
