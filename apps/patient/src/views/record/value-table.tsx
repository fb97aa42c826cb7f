import { Table, Text } from "@mantine/core";
import { originName } from "@siphms/vitals";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { ShownSample } from "../../readings/plot-points.ts";
import { HeldMark } from "../parts/marks.tsx";
import { Instant } from "../parts/time.tsx";
import { Value } from "../parts/value.tsx";

/** Rows shown: the newest; the chart shows all. */
const MAX_ROWS = 200;

/** The values of a chart, newest first, for reading exactly and for screen readers. */
export function ValueTable({
  label,
  samples,
}: {
  readonly label: string;
  readonly samples: readonly ShownSample[];
}): ReactElement {
  const { t } = useTranslation("record");
  const { t: readings } = useTranslation("readings");
  const shown = samples.slice(-MAX_ROWS).reverse();
  return (
    <details>
      <summary className="siphms-summary">{t("table")}</summary>
      {shown.length < samples.length ? (
        <Text size="sm">{t("tableCut", { count: shown.length, total: samples.length })}</Text>
      ) : null}
      <div className="siphms-table-frame" tabIndex={0} role="region" aria-label={label}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("time")}</Table.Th>
              <Table.Th scope="col">{t("value")}</Table.Th>
              <Table.Th scope="col">{t("from")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ at, kind, value, origin, held }, index) => (
              <Table.Tr key={`${at} ${index}`}>
                <Table.Td>
                  <Instant at={at} />
                </Table.Td>
                <Table.Td>
                  <Value kind={kind} value={value} />
                </Table.Td>
                <Table.Td>
                  {readings(`origin.${originName(origin)}`)} <HeldMark reason={held} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </details>
  );
}
