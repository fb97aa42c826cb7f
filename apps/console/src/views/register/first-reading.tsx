import { Text } from "@mantine/core";
import type { LatestValue } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatValue } from "../../format.ts";
import { usePatient } from "../../live/use-store.ts";
import { Age } from "../live-age.tsx";

/** The newest of a patient's values. */
function newestOf(latest: readonly LatestValue[]): LatestValue | undefined {
  return [...latest].sort((a, b) => b.at - a.at)[0];
}

/** Props of {@link FirstReading}. */
export interface FirstReadingProps {
  readonly patient: string;
  /** When the phone was confirmed, ms: only what came since is its reading. */
  readonly since: number;
}

/** The first reading that arrives after a phone was confirmed, as soon as it is there. */
export function FirstReading({ patient, since }: FirstReadingProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  const shown = usePatient(patient);
  const newest = newestOf(shown?.latest ?? []);
  if (newest === undefined || (shown?.lastContact ?? 0) < since) {
    return <Text role="status">{t("connect.noReadingYet")}</Text>;
  }
  return (
    <div role="status" data-testid="first-reading">
      <Text>
        {t("connect.firstReading")}: {common(`kind.${newest.kind}`)}
      </Text>
      <span className="siphms-value-big" dir="ltr">
        {formatValue(newest.value)} <span className="siphms-unit">{newest.unit}</span>
      </span>{" "}
      <Age at={newest.at} />
    </div>
  );
}
