import { kindInfo } from "@siphms/vitals";
import { curveName } from "@siphms/web-kit";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { SensorCard } from "../../sensors/board.ts";
import { Spark } from "../parts/spark.tsx";
import { useFormats } from "../parts/use-formats.ts";
import { useKindName } from "../parts/value.tsx";

/** The last minutes of what a sensor measures by the second. */
export function SensorCurve({ card }: { readonly card: SensorCard }): ReactElement | null {
  const { t } = useTranslation("sensors");
  const formats = useFormats();
  const nameOf = useKindName();
  const { curve, curveKind } = card;
  const newest = card.values.find(({ kind }) => kind === curveKind);
  // Two pressures that lie hours apart are no curve.
  if (curveKind === undefined || newest === undefined || curveKind === 2) return null;
  const value = formats.value(curveKind, newest.value);
  const label = t("curve", { kind: nameOf(curveKind), value, unit: formats.unitInText(curveKind) });
  return <Spark points={curve} colour={curveName(kindInfo(curveKind).name)} label={label} />;
}
