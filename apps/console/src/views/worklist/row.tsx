import { TREND_STEPS, type AlertStand, type Trend } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { memo, useCallback, useMemo, type ReactElement } from "react";
import { Link } from "react-router";
import { yearsBetween } from "../../format.ts";
import type { KnownPatient } from "../../live/patient-store.ts";
import { useTicked } from "../../live/ticker.ts";
import { usePatient, useStand, useTrend } from "../../live/use-store.ts";
import { valueLevel } from "../alerts/alert-order.ts";
import { News2Mark } from "../alerts/news2-mark.tsx";
import { clinicalTime, type ClinicalClock } from "../clinical-time.ts";
import { Age } from "../live-age.tsx";
import { QuarantineMark, SourceBadge } from "../marks.tsx";
import { NeedBadge } from "./need-badge.tsx";
import { needOf } from "./need.ts";
import type { RowTexts } from "./row-texts.ts";
import { sparkPoints } from "./spark-points.ts";
import { LIST_TICK_MS, ValueCell, type SparkSpan } from "./value-cell.tsx";

/** The vital signs of the list, in the ward's order. */
export const WORKLIST_KINDS: readonly KindName[] = [
  "heart-rate",
  "blood-pressure",
  "spo2",
  "respiratory-rate",
  "body-temperature",
];

const MINUTE_MS = 60_000;

/** Props of {@link Row}. */
export interface RowProps {
  readonly id: string;
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly top: number;
  readonly texts: RowTexts;
}

/** One patient of the list. A row of a table on a wide screen and a card on a narrow one: the same elements. */
export const Row = memo(function Row({ id, index, top, texts }: RowProps): ReactElement {
  return (
    // The head is the first row.
    <div
      role="row"
      aria-rowindex={index + 2}
      className="siphms-worklist-row"
      data-patient={id}
      data-index={index}
      style={{ top }}
    >
      <Cells id={id} texts={texts} />
    </div>
  );
});

/** What is in a row, apart from its place: a row that moves is not drawn anew. */
const Cells = memo(function Cells({
  id,
  texts,
}: Pick<RowProps, "id" | "texts">): ReactElement | null {
  const { t, words, alertWords } = texts;
  const patient = usePatient(id);
  const trend = useTrend(id);
  const stand = useStand(id);
  const clock = useClock(patient);
  const points = useMemo(
    () => new Map(WORKLIST_KINDS.map((kind) => [kind, sparkPoints(trend, kind)])),
    [trend],
  );
  const span = useMemo(() => trend && spanOf(trend), [trend?.start]);
  if (patient === undefined || clock === undefined) return null;
  const latest = new Map(patient.latest.map((value) => [value.kind, value]));
  return (
    <>
      <div role="cell" className="siphms-worklist-need">
        <Need patient={patient} stand={stand} words={words} />
      </div>
      <Who patient={patient} t={t} words={words} />
      <div role="cell" className="siphms-worklist-news2">
        <span className="siphms-worklist-label" aria-hidden="true">
          NEWS2
        </span>
        {stand === undefined ? null : (
          <News2Mark score={stand.news2} clock={clock} words={alertWords} stepMs={LIST_TICK_MS} />
        )}
      </div>
      {WORKLIST_KINDS.map((kind) => (
        <ValueCell
          key={kind}
          kind={kind}
          latest={latest.get(kind)}
          level={valueLevel(stand, kind)}
          clock={clock}
          points={points.get(kind) ?? sparkPoints(undefined, kind)}
          span={span}
          t={t}
          words={words}
        />
      ))}
      <Contact patient={patient} t={t} />
    </>
  );
});

/** The patient's clinical clock; the very same while values come, so that what only counts ages is not drawn for them. */
function useClock(patient: KnownPatient | undefined): ClinicalClock | undefined {
  return useMemo(
    () => patient,
    [patient?.id, patient?.clinicalNow, patient?.clinicalSpeed, patient?.toldAt],
  );
}

function spanOf({ start, stepMs }: Trend): SparkSpan {
  return { from: start, to: start + TREND_STEPS * stepMs };
}

interface OfPatient {
  readonly patient: KnownPatient;
}

function Need({
  patient,
  stand,
  words,
}: OfPatient & Pick<RowTexts, "words"> & { readonly stand: AlertStand | undefined }): ReactElement {
  // Only the level follows from the time.
  const work = useCallback(
    (now: number) => needOf(patient, stand, clinicalTime(patient, now)).level,
    [patient, stand],
  );
  const level = useTicked(work, LIST_TICK_MS);
  const { open, waiting, isWaiting } = useMemo(
    () => needOf(patient, stand, patient.clinicalNow),
    [patient, stand],
  );
  return (
    <>
      <NeedBadge level={level} isWaiting={isWaiting} words={words} />
      {open === 0 ? null : (
        <span className="siphms-worklist-facts">{words("open", { count: open, waiting })}</span>
      )}
    </>
  );
}

type WhoProps = OfPatient & Pick<RowTexts, "t" | "words">;

/** Who the patient is, which no value changes. */
const Who = memo(function Who({ patient, t, words }: WhoProps): ReactElement {
  const work = useCallback(
    (now: number) => t("age", { years: yearsBetween(patient.birthDate, now) }),
    [patient.birthDate, t],
  );
  const age = useTicked(work, LIST_TICK_MS);
  return (
    <div role="rowheader" className="siphms-worklist-who">
      <Link
        to={`/patients/${encodeURIComponent(patient.id)}`}
        className="siphms-worklist-name"
        title={patient.name}
      >
        {patient.name}
      </Link>
      <span className="siphms-worklist-facts">
        {age}, {t(`sex${patient.sex}`)} · {patient.mrn}
      </span>
      <span className="siphms-worklist-badges">
        <SourceBadge patient={patient} />
        <Emergency until={patient.breakGlassUntil} words={words} />
      </span>
    </div>
  );
}, isSameWho);

const WHO_MEMBERS = [
  "id",
  "name",
  "birthDate",
  "sex",
  "mrn",
  "source",
  "breakGlassUntil",
] as const satisfies readonly (keyof KnownPatient)[];

function isSameWho(one: WhoProps, other: WhoProps): boolean {
  if (one.t !== other.t || one.words !== other.words) return false;
  return WHO_MEMBERS.every((member) => one.patient[member] === other.patient[member]);
}

/** That a record is open in an emergency only, and for how long still. */
function Emergency({
  until,
  words,
}: Pick<RowTexts, "words"> & { readonly until: number | undefined }): ReactElement | null {
  const work = useCallback(
    (now: number) => (until === undefined ? 0 : Math.max(0, Math.ceil((until - now) / MINUTE_MS))),
    [until],
  );
  const minutes = useTicked(work, LIST_TICK_MS);
  if (minutes === 0) return null;
  return (
    <span className="siphms-worklist-emergency">⚠ {words("emergency", { count: minutes })}</span>
  );
}

function Contact({ patient, t }: OfPatient & Pick<RowTexts, "t">): ReactElement {
  return (
    <div role="cell" className="siphms-worklist-contact">
      <span className="siphms-worklist-label" aria-hidden="true">
        {t("lastContact")}
      </span>
      {patient.lastContact === null ? (
        <span className="siphms-age">{t("never")}</span>
      ) : (
        <Age at={patient.lastContact} stepMs={LIST_TICK_MS} />
      )}
      {patient.quarantinedSamples > 0 ? (
        <QuarantineMark count={patient.quarantinedSamples} />
      ) : null}
    </div>
  );
}
