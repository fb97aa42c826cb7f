import { TextInput } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../parts/choice.tsx";

/** When a reading was taken, as the person said. `local`: as the browser's field has it, in local time. */
export type TypedTime =
  { readonly kind: "now" } | { readonly kind: "earlier"; readonly local: string };

/** Why a time cannot be taken. */
export type TimeFault = "timeMissing" | "timeFuture";

/** The instant, ms, or what is wrong with it. @param now - By the corrected clock. */
export function checkTime(time: TypedTime, now: number): number | TimeFault {
  if (time.kind === "now") return now;
  const at = Date.parse(time.local);
  if (!Number.isSafeInteger(at) || at < 0) return "timeMissing";
  return at > now ? "timeFuture" : at;
}

/** Just now, or a date and time. */
export function TimeFields({
  time,
  onTime,
  fault,
}: {
  readonly time: TypedTime;
  readonly onTime: (time: TypedTime) => void;
  readonly fault: TimeFault | undefined;
}): ReactElement {
  const { t } = useTranslation("enter");
  return (
    <>
      <Choice
        label={t("when")}
        value={time.kind}
        options={[
          { value: "now", label: t("now") },
          { value: "earlier", label: t("earlier") },
        ]}
        onChange={(kind) => onTime(kind === "now" ? { kind } : { kind, local: "" })}
      />
      {time.kind === "now" ? null : (
        <TextInput
          type="datetime-local"
          label={t("at")}
          value={time.local}
          onChange={(event) => onTime({ kind: "earlier", local: event.currentTarget.value })}
          error={fault === undefined ? undefined : t(fault)}
          required
        />
      )}
    </>
  );
}
