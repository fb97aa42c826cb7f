import { Alert } from "@mantine/core";
import type { EvidenceCheck } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** Props of {@link EvidenceChecks} and {@link EvidenceVerdict}. */
export interface EvidenceChecksProps {
  readonly checks: readonly EvidenceCheck[];
}

/** What all checks together say. */
export function EvidenceVerdict({ checks }: EvidenceChecksProps): ReactElement {
  const { t } = useTranslation("evidence");
  const failed = checks.filter(({ ok }) => !ok).length;
  if (failed === 0) {
    return (
      <Alert role="status" className="siphms-good" data-testid="verdict">
        <span aria-hidden="true">✓</span> {t("allGood")}
      </Alert>
    );
  }
  return (
    <Alert role="alert" color="var(--siphms-technical)" variant="outline" data-testid="verdict">
      <span className="siphms-bad">
        <span aria-hidden="true">✕</span> {t("failed", { count: failed })}
      </span>
    </Alert>
  );
}

/** Every check with its outcome, in the order in which they are made. */
export function EvidenceChecks({ checks }: EvidenceChecksProps): ReactElement {
  const { t } = useTranslation("evidence");
  return (
    <ul className="siphms-plain">
      {checks.map(({ check, ok, reason }) => (
        <li key={check}>
          <span aria-hidden="true">{ok ? "✓" : "✕"}</span> {t(`check.${check}`)}:{" "}
          <span className={ok ? undefined : "siphms-bad"}>{t(ok ? "passed" : "notPassed")}</span>
          {reason === undefined ? null : (
            <>
              {" "}
              (<bdi>{reason}</bdi>)
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
