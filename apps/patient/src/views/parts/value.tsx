import { kindInfo, type Kind, type WireValue } from "@siphms/vitals";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "./use-formats.ts";

/** A value with its unit. Left to right in every language, as meters show it. */
export function Value({
  kind,
  value,
  large = false,
  testId,
}: {
  readonly kind: Kind;
  readonly value: WireValue;
  readonly large?: boolean;
  readonly testId?: string;
}): ReactElement {
  const formats = useFormats();
  return (
    <span
      dir="ltr"
      className={large ? "siphms-value siphms-value-large" : "siphms-value"}
      data-testid={testId}
    >
      <span className="siphms-number">{formats.value(kind, value)}</span>{" "}
      <span className="siphms-unit">{formats.unit(kind)}</span>
    </span>
  );
}

/** The name of a vital sign in the person's language. */
export function useKindName(): (kind: Kind) => string {
  const { t } = useTranslation("readings");
  return (kind) => t(`kind.${kindInfo(kind).name}`);
}
