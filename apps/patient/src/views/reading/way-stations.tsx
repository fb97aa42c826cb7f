import { Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { Station, Way } from "../../journal/index.ts";
import { Notice } from "../parts/notices.tsx";
import { Instant } from "../parts/time.tsx";
import { useReason } from "../parts/use-reason.ts";

const SIGNS: Readonly<Record<Station["state"], string>> = {
  done: "✓",
  now: "→",
  ahead: "○",
  stopped: "■",
};

/** The stations of a reading, each with a shape, a word and its time. */
export function WayStations({ way }: { readonly way: Way }): ReactElement {
  const { t } = useTranslation("today");
  const isMissed = way.stations.some(
    ({ name, state, at }) => name === "stored" && state === "done" && at === undefined,
  );
  return (
    <>
      <ol className="siphms-way">
        {way.stations.map((station) => (
          <StationLine key={station.name} station={station} informed={way.informed} />
        ))}
      </ol>
      {isMissed ? <Text size="sm">{t("way.missed")}</Text> : null}
    </>
  );
}

function StationLine({
  station: { name, state, at, isPassedOn },
  informed,
}: {
  readonly station: Station;
  readonly informed: readonly string[];
}): ReactElement {
  const { t } = useTranslation("today");
  const doctor = informed.join(", ");
  const words =
    name === "informed" && doctor === ""
      ? t("way.informedNobody")
      : t(`way.station.${name}`, { doctor });
  return (
    <li
      data-testid={`way-${name}`}
      data-state={state}
      aria-current={state === "now" ? "step" : undefined}
    >
      <span aria-hidden="true" className="siphms-way-sign">
        {SIGNS[state]}
      </span>
      <span>
        {words}
        <br />
        <Text span size="sm" {...(state === "done" ? { c: "dimmed" } : {})}>
          {state !== "done" ? (
            t(`way.state.${state}`)
          ) : at === undefined ? (
            t(isPassedOn === true ? "way.passedOn" : "way.timeUnknown")
          ) : (
            <Instant at={at} />
          )}
        </Text>
      </span>
    </li>
  );
}

/** What the hospital put into quarantine of it, in words. */
export function WayHeld({
  way: { held, heldReason },
  samples,
}: {
  readonly way: Way;
  readonly samples: number;
}): ReactElement | null {
  const { t } = useTranslation("today");
  const words = useReason();
  if (held === 0) return null;
  const reason = words(heldReason ?? "out-of-range");
  return (
    <Notice tone="warn">
      {held >= samples ? t("way.heldAll", { reason }) : t("way.heldSome", { count: held })}
    </Notice>
  );
}
