import { Text } from "@mantine/core";
import type { ApiAlert, Told } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import { formatMoment } from "../../format.ts";
import { nextHandOn, toldSteps } from "./told.ts";

interface OfAlert {
  readonly alert: ApiAlert;
}

/** Who was told of an alert and by what way, whom it was handed on to, when it will be, and who has seen it. */
export function ToldAndSeen({ alert }: OfAlert): ReactElement {
  const { t } = useTranslation("alerts");
  const steps = toldSteps(alert.told);
  const next = nextHandOn(alert);
  return (
    <div className="siphms-alert-told">
      <section>
        <Text component="h4" size="sm" fw={600}>
          {t("toldTitle")}
        </Text>
        {steps.length === 0 ? <Text size="sm">{t("nobodyTold")}</Text> : null}
        {steps.map(({ step, at, told }) => (
          <div key={step}>
            {step === 0 ? null : (
              <Text size="sm" fw={600}>
                {t("handedOn", { time: formatMoment(at, hospitalNow()) })}
              </Text>
            )}
            <ul>
              {told.map((one, index) => (
                // Told again when it rose: only the place tells the two apart.
                <ToldOne key={index} told={one} />
              ))}
            </ul>
          </div>
        ))}
        {next === undefined ? null : (
          <Text size="sm">{t("handOn", { time: formatMoment(next, hospitalNow()) })}</Text>
        )}
      </section>
      <Seen alert={alert} />
    </div>
  );
}

function ToldOne({ told }: { readonly told: Told }): ReactElement {
  const { t } = useTranslation("alerts");
  const { to, way, state, at, settled, tries } = told;
  const word = way === "console" ? t(`toldConsole.${state}`) : t(`told.${state}`);
  return (
    <li>
      <bdi>{to}</bdi>: {t(`ways.${way}`)} ·{" "}
      <span className={state === "failed" ? "siphms-bad" : undefined}>
        {word}
        {state === "failed" ? ` (${t("tries", { count: tries })})` : ""}
      </span>{" "}
      · {formatMoment(settled ?? at, hospitalNow())}
    </li>
  );
}

function Seen({ alert: { seen } }: OfAlert): ReactElement {
  const { t } = useTranslation("alerts");
  return (
    <section>
      <Text component="h4" size="sm" fw={600}>
        {t("seenTitle")}
      </Text>
      {seen.length === 0 ? <Text size="sm">{t("nobodySaw")}</Text> : null}
      <ul>
        {seen.map(({ by, at }) => (
          <li key={`${by} ${String(at)}`}>
            <bdi>{by}</bdi> · {formatMoment(at, hospitalNow())}
          </li>
        ))}
      </ul>
    </section>
  );
}
