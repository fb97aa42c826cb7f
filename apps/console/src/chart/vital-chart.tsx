import { useComputedColorScheme } from "@mantine/core";
import type { KindName } from "@siphms/vitals";
import { columns, followWidth, type ChartLimit, type PlotData } from "@siphms/web-kit";
import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
} from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { chartOptions } from "./chart-options.ts";
import { chartKey, listenToPointer, moveByKey, type Gestures } from "./gestures.ts";
import { nextPoint, pointText } from "./point-text.ts";

/** Props of {@link VitalChart}. */
export interface VitalChartProps {
  readonly kind: KindName;
  readonly unit: string;
  /** Sums the chart up in words: the canvas says nothing to a screen reader, and the table beside it holds every value. */
  readonly label: string;
  /** The ids of what says more about it: its limits, and who set them. */
  readonly describedBy: string;
  readonly data: PlotData;
  /** The same list for as long as the limits are the same. */
  readonly limits: readonly ChartLimit[];
  readonly isSummary: boolean;
  /** The time shown, ms. */
  readonly from: number;
  readonly to: number;
  readonly gestures: Gestures;
}

/**
 * One vital sign over time. All charts of a page show the same time and point at the same instant.
 *
 * Drag or use the arrow keys to move, Ctrl and the wheel or plus and minus to zoom, Shift and the arrow keys to go from value
 * to value.
 */
export function VitalChart(props: VitalChartProps): ReactElement {
  const { t } = useTranslation();
  const { data, unit, label, describedBy, gestures } = props;
  const host = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [byKey, setByKey] = useState(false);
  const plot = usePlot(host, props, (index) => {
    setByKey(false);
    setPointed(index);
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const key = chartKey(event);
    if (key === undefined) return;
    event.preventDefault();
    if (key !== "nextValue" && key !== "previousValue") {
      moveByKey(key, gestures);
      return;
    }
    const index = nextPoint(data, pointed, key === "nextValue" ? 1 : -1);
    if (index === null || plot.current === null) return;
    pointAt(plot.current, index);
    setPointed(index);
    setByKey(true);
  };

  return (
    <div
      className="siphms-chart-frame"
      role="group"
      aria-label={label}
      aria-describedby={describedBy}
      aria-keyshortcuts="ArrowLeft ArrowRight + - End Shift+ArrowLeft Shift+ArrowRight"
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div ref={host} role="img" aria-label={label} dir="ltr" className="siphms-chart" />
      {/* Heard when a key moved it; a mouse would make it speak without end. */}
      <div className="siphms-chart-point" aria-live={byKey ? "polite" : "off"} dir="auto">
        {pointText(data, pointed, { t, unit })}
      </div>
    </div>
  );
}

/** With uPlot's own third parameter, which its types leave out: whether the other charts are told. */
type SetCursor = (
  at: { readonly left: number; readonly top: number },
  fireHook: boolean,
  tellOthers: boolean,
) => void;

/** Puts the crosshair of all charts at one place of this one. */
function pointAt(plot: uPlot, index: number): void {
  const second = plot.data[0][index];
  if (second === undefined) return;
  const setCursor: SetCursor = plot.setCursor.bind(plot);
  setCursor({ left: plot.valToPos(second, "x"), top: 0 }, true, true);
}

/** Makes the chart, and keeps it with its data, its time, its width, the theme and the language. */
function usePlot(
  host: RefObject<HTMLDivElement | null>,
  props: VitalChartProps,
  onPoint: (index: number | null) => void,
): RefObject<uPlot | null> {
  const { i18n } = useTranslation();
  const scheme = useComputedColorScheme("light");
  const { kind, isSummary, data, limits, from, to } = props;
  const plot = useRef<uPlot>(null);
  const latest = useRef({ ...props, onPoint });
  latest.current = { ...props, onPoint };

  useEffect(() => {
    const { current: frame } = host;
    if (frame === null) return undefined;
    const made = new uPlot(
      chartOptions({
        ...{ kind, isSummary, width: frame.clientWidth },
        data: () => latest.current.data,
        limits: () => latest.current.limits,
        onPoint: (index) => latest.current.onPoint(index),
      }),
      columns(latest.current.data),
      frame,
    );
    plot.current = made;
    const stopFollowing = followWidth(frame, made);
    const stopListening = listenToPointer(made.over, {
      pan: (share) => latest.current.gestures.pan(share),
      zoom: (factor, at) => latest.current.gestures.zoom(factor, at),
      toNewest: () => latest.current.gestures.toNewest(),
    });
    return () => {
      plot.current = null;
      stopListening();
      stopFollowing();
      made.destroy();
    };
    // A new theme or language needs new colours and axis texts.
  }, [host, kind, isSummary, scheme, i18n.language]);

  useEffect(() => {
    plot.current?.setData(columns(data), false);
  }, [data, isSummary, scheme, i18n.language]);
  useEffect(() => {
    // Fits the value axis to what the time shows and to the limits, too.
    plot.current?.setScale("x", { min: from / 1000, max: to / 1000 });
  }, [data, limits, from, to, isSummary, scheme, i18n.language]);
  return plot;
}
