import { useMemo, useRef, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDrawnSoon } from "./drawn-soon.ts";
import type { KeptOrder } from "./use-kept-order.ts";
import { Row, WORKLIST_KINDS } from "./row.tsx";
import { useRowTexts } from "./row-texts.ts";
import { useListKeys } from "./use-list-keys.ts";
import { useRowsInSight, type ListFrame } from "./use-rows-in-sight.ts";
import { useTrends } from "./use-trends.ts";

/** Props of {@link PatientRows}. */
export interface PatientRowsProps {
  readonly ids: readonly string[];
  readonly handlers: KeptOrder["handlers"];
  readonly singleKeys: boolean;
  readonly tick: number;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

/** The rows, of which those in sight are drawn; the one with the focus always is. */
export function PatientRows(props: PatientRowsProps): ReactElement {
  const { t } = useTranslation("worklist");
  const { t: common } = useTranslation();
  const { ids, handlers, tick } = props;
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number>();
  const frame = useRowsInSight(list, ids.length);
  const { layout, rowHeight } = frame;
  const drawn = useMemo(() => drawnRows(frame, active, ids.length), [frame, active, ids.length]);
  const wanted = useMemo(() => drawn.flatMap((index) => ids[index] ?? []), [drawn, ids]);
  useTrends(wanted, tick);
  const now = useDrawnSoon(wanted);
  const texts = useRowTexts();
  useListKeys({ ...props, list, rowHeight, keepDrawn: setActive });
  return (
    <div
      role="table"
      aria-label={common("patients")}
      aria-rowcount={ids.length + 1}
      className="siphms-worklist"
      data-layout={layout}
      {...handlers}
    >
      <div role="row" aria-rowindex={1} className="siphms-worklist-head">
        <span role="columnheader" title={t("needIs")}>
          {t("need")}
        </span>
        <span role="columnheader">{common("patient")}</span>
        <span role="columnheader" title={t("news2Is")}>
          NEWS2
        </span>
        {WORKLIST_KINDS.map((kind) => (
          <span role="columnheader" key={kind}>
            {common(`kind.${kind}`)}
          </span>
        ))}
        <span role="columnheader">{common("lastContact")}</span>
      </div>
      <div
        ref={list}
        role="rowgroup"
        className="siphms-worklist-rows"
        style={{ height: ids.length * rowHeight }}
      >
        {drawn.map((index) => {
          const id = ids[index];
          return id === undefined || !now.has(id) ? null : (
            <Row key={id} id={id} index={index} top={index * rowHeight} texts={texts} />
          );
        })}
      </div>
    </div>
  );
}

function drawnRows(
  { sight: { first, end } }: ListFrame,
  active: number | undefined,
  rows: number,
): readonly number[] {
  const inSight = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
  if (active === undefined || active >= rows) return inSight;
  // In the order of the list, so that Tab goes through it as it is read.
  if (active < first) return [active, ...inSight];
  return active >= end ? [...inSight, active] : inSight;
}
