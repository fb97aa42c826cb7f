import type { DeviceState } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** A shape for each state, beside its word. */
const SHAPES: Readonly<Record<DeviceState, string>> = {
  active: "●",
  pending: "◔",
  revoked: "✕",
  dropped: "–",
};

/** Whether a phone counts: shape and word. */
export function DeviceStateMark({ state }: { readonly state: DeviceState }): ReactElement {
  const { t } = useTranslation();
  return (
    <span className="siphms-mark">
      <span aria-hidden="true">{SHAPES[state]}</span> {t(`deviceState.${state}`)}
    </span>
  );
}
