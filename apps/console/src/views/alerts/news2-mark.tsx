import type { ApiNews2 } from "@siphms/api";
import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import type { ClinicalClock } from "../clinical-time.ts";
import { Age } from "../live-age.tsx";
import { news2Words } from "./alert-words.ts";

/** Props of {@link News2Mark}. */
export interface News2MarkProps {
  /** Null where there is none. */
  readonly score: ApiNews2 | null;
  readonly clock: ClinicalClock;
  /** Of the alerts' texts: a list asks for them once a row. */
  readonly words: TFunction<"alerts">;
  /** As of {@link Age}. */
  readonly stepMs: number;
}

/** From how many points on a score is of the band that asks for a clinician soon, and at once; a lower bound counts, too. */
const MEDIUM_FROM = 5;
const HIGH_FROM = 7;

/** A NEWS2 with its band, or the lower bound that is known and of how much it is, and how old its oldest value is. */
export function News2Mark({ score, clock, words, stepMs }: News2MarkProps): ReactElement {
  if (score === null) return <span className="siphms-age">{words("news2.none")}</span>;
  const { lead, scope } = news2Words(score, words);
  return (
    <>
      {lead === "" ? null : <span className="siphms-news2-scope">{lead} </span>}
      <span className="siphms-news2-score">
        <span className={`siphms-value siphms-level-${levelOf(score.total)}`}>{score.total}</span>{" "}
        <span className="siphms-news2-scope">{scope}</span>
      </span>
      <span className="siphms-news2-age" title={words("news2.oldest")}>
        <Age at={score.oldestAt} of={clock} stepMs={stepMs} />
      </span>
    </>
  );
}

function levelOf(total: number): "urgent" | "warning" | "within" {
  if (total >= HIGH_FROM) return "urgent";
  return total >= MEDIUM_FROM ? "warning" : "within";
}
