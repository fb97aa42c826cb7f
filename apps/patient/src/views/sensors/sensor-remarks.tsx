import { Text } from "@mantine/core";
import { toNumber } from "@siphms/gatt";
import { fromClinical, type WireValue } from "@siphms/vitals";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { SensorCard } from "../../sensors/board.ts";
import { Notice } from "../parts/notices.tsx";
import { useFormats } from "../parts/use-formats.ts";

const LOW_PERCENT = 15;

/** What a sensor says besides its values: battery, contact, clock, stored values, and what was not taken and why. */
export function SensorRemarks({ card }: { readonly card: SensorCard }): ReactElement {
  const { t } = useTranslation("sensors");
  const { contact, withheld } = card;
  const reasons = [...new Set(withheld?.map(({ reason }) => reason))];
  return (
    <>
      <Progress card={card} />
      {contact === "absent" ? <Notice tone="warn">{t("contact.absent")}</Notice> : null}
      {reasons.map((reason) => (
        <Notice key={reason} tone="warn" role="status">
          {t(`withheld.${reason}`)}
        </Notice>
      ))}
      {card.isMalformed === true ? <Notice tone="warn">{t("malformed")}</Notice> : null}
      {card.isNotTaken === true ? <Notice tone="stop">{t("notTaken")}</Notice> : null}
      <ClockError error={card.clockError} />
      <StoredValues transfer={card.transfer} />
      <Battery percent={card.batteryPercent} />
      {contact === "present" ? <Text size="sm">{t("contact.present")}</Text> : null}
    </>
  );
}

function Progress({ card: { progress } }: { readonly card: SensorCard }): ReactElement | null {
  const { t } = useTranslation("sensors");
  const formats = useFormats();
  if (progress === undefined) return null;
  const number = toNumber(
    progress.type === "cuff-pressure" ? progress.pressure : progress.temperature,
  );
  if (number === undefined) return null;
  return (
    <Text size="sm" className="siphms-value">
      {progress.type === "cuff-pressure"
        ? t("inflating", { value: formats.integer(number), unit: progress.unit })
        : t("measuringTemperature", {
            value: formats.value(5, celsiusWire(number, progress.unit)),
            unit: formats.unit(5),
          })}
    </Text>
  );
}

function celsiusWire(number: number, unit: "celsius" | "fahrenheit"): WireValue {
  return fromClinical(5, unit === "celsius" ? number : ((number - 32) * 5) / 9);
}

function Battery({ percent }: { readonly percent: number | undefined }): ReactElement | null {
  const { t } = useTranslation("sensors");
  const formats = useFormats();
  if (percent === undefined) return null;
  const words = { percent: formats.percent(percent / 100) };
  if (percent <= LOW_PERCENT) return <Notice tone="warn">{t("batteryLow", words)}</Notice>;
  return <Text size="sm">{t("battery", words)}</Text>;
}

function ClockError({
  error,
}: {
  readonly error: number | "unset" | undefined;
}): ReactElement | null {
  const { t } = useTranslation("sensors");
  const formats = useFormats();
  if (error === undefined) return null;
  if (error === "unset") return <Notice tone="warn">{t("clockUnset")}</Notice>;
  const length = formats.length(error);
  return (
    <Notice tone="info">
      {error > 0 ? t("clockFast", { length }) : t("clockSlow", { length })}
    </Notice>
  );
}

function StoredValues({
  transfer,
}: {
  readonly transfer: SensorCard["transfer"] | undefined;
}): ReactElement | null {
  const { t } = useTranslation("sensors");
  if (transfer === undefined) return null;
  const { outcome, records } = transfer;
  const trouble = outcome === undefined ? "" : t(`transfer.${outcome}`);
  return (
    <>
      {records > 0 ? <Text size="sm">{t("stored", { count: records })}</Text> : null}
      {trouble === "" ? null : <Notice tone="info">{trouble}</Notice>}
    </>
  );
}
