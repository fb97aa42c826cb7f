import { kindInfo } from "@siphms/vitals";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../app/navigation.ts";
import { isStale, type ShownLatest } from "../../readings/latest.ts";
import { HeldMark, OriginMark } from "../parts/marks.tsx";
import { Age } from "../parts/time.tsx";
import { useKindName, Value } from "../parts/value.tsx";

/** One newest value with its unit, age and marks; opens the way of its reading. */
export function LatestCard({
  latest,
  now,
}: {
  readonly latest: ShownLatest;
  readonly now: number;
}): ReactElement {
  const { t } = useTranslation("today");
  const { t: words } = useTranslation("readings");
  const go = useGo();
  const nameOf = useKindName();
  const [isEarly, setEarly] = useState(false);
  const { kind, at, value, origin, held, id } = latest;
  const stale = isStale(kind, now - at);
  const open = (): void => (id === undefined ? setEarly(true) : go({ reading: id }));
  return (
    <button
      type="button"
      className={stale ? "siphms-card siphms-stale" : "siphms-card"}
      onClick={open}
      title={t("showWay")}
    >
      <span className="siphms-row">
        <span>{nameOf(kind)}</span>
        <Age at={at} now={now} />
      </span>
      <span className="siphms-row">
        <Value kind={kind} value={value} large testId={`latest-${kindInfo(kind).name}`} />
        {stale ? <span className="siphms-mark">{words("old")}</span> : null}
        <OriginMark origin={origin} />
        <HeldMark reason={held} />
      </span>
      {isEarly && id === undefined ? <span role="status">{t("justNow")}</span> : null}
    </button>
  );
}
