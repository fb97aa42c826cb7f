import { TextInput } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { TimeFault, TypedTime } from "../../readings/typed-time.ts";
import { Choice } from "../parts/choice.tsx";

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
