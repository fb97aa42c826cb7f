import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

const STEPS = ["invite", "compare", "active"] as const;

/** One step of connecting a phone. */
export type EnrolStep = (typeof STEPS)[number];

/** Where connecting a phone stands: what is done, what is now, what follows. */
export function EnrolSteps({ at }: { readonly at: EnrolStep }): ReactElement {
  const { t } = useTranslation("enrol");
  const now = STEPS.indexOf(at);
  return (
    <ol className="siphms-steps" aria-label={t("connect.steps")}>
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === now ? "step" : undefined}>
          <span aria-hidden="true">{index < now ? "✓" : index === now ? "●" : "○"}</span>{" "}
          {t(`connect.step.${step}`)}
          {index < now ? ` (${t("connect.done")})` : ""}
        </li>
      ))}
    </ol>
  );
}
