import { samples } from "@siphms/messages";
import { kindInfo, originName, toClinical, type PressureValue } from "@siphms/vitals";
import type { VerifiedEvidence } from "./verify.ts";

/** One reading that the evidence proves. */
export interface ProvenSample {
  readonly kind: string;
  readonly unit: string;
  /** ms. */
  readonly at: number;
  /** In the clinical unit. */
  readonly value: number | PressureValue;
  readonly origin: string;
  /** `released` and `rejected`: it stood in quarantine until a doctor decided. */
  readonly state: "quarantined" | "rejected" | "released" | "stored";
  /** Why it stands, or stood, in quarantine. */
  readonly reason?: string;
}

/** Every reading of a piece of evidence with what became of it, in the order in which the device signed them. */
export function provenSamples({
  readings,
  receipt,
  statement,
}: Pick<VerifiedEvidence, "readings" | "receipt" | "statement">): readonly ProvenSample[] {
  const decisions = new Map(statement.decisions.map(({ reason, kind }) => [reason, kind]));
  const reasons = new Map(
    (receipt.quarantined ?? []).map(([series, sample, reason]) => [
      `${String(series)}/${String(sample)}`,
      reason,
    ]),
  );
  const whole = receipt.outcome === 2 ? receipt.reason : undefined;
  return readings.series.flatMap((series, seriesIndex) => {
    const { name, unit } = kindInfo(series.kind);
    return [...samples(series)].map(({ index, at, value }): ProvenSample => {
      const reason = whole ?? reasons.get(`${String(seriesIndex)}/${String(index)}`);
      const shared = {
        ...{ kind: name, unit, at, value: toClinical(series.kind, value) },
        origin: originName(series.origin),
      };
      if (reason === undefined) return { ...shared, state: "stored" };
      return { ...shared, state: decisions.get(reason) ?? "quarantined", reason };
    });
  });
}
