import { Table } from "@mantine/core";
import type { ApiSample } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant, formatValue } from "../../format.ts";
import "./parts.css";

/** So many stand on the page; the rest is behind a word. */
const SHOWN = 5;

function Rows({ samples }: { readonly samples: readonly ApiSample[] }): ReactElement {
  const { t } = useTranslation();
  return (
    <Table verticalSpacing={2} className="siphms-samples">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t("time")}</Table.Th>
          <Table.Th scope="col">{t("value")}</Table.Th>
          <Table.Th scope="col">{t("from")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {samples.map((sample, index) => (
          // Two values of one kind may have one time: only the place tells them apart.
          <Table.Tr key={index}>
            <Table.Td>{formatInstant(sample.at)}</Table.Td>
            <Table.Td>
              {t(`kind.${sample.kind}`)}{" "}
              <bdi className="siphms-value">
                {formatValue(sample.value)} <span className="siphms-unit">{sample.unit}</span>
              </bdi>
            </Table.Td>
            <Table.Td>{t(sample.origin)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Props of {@link SampleTable}. */
export interface SampleTableProps {
  readonly samples: readonly ApiSample[];
}

/** Values with time, unit and origin; of many the first few, the others on demand. */
export function SampleTable({ samples }: SampleTableProps): ReactElement {
  const { t } = useTranslation("quarantine");
  const rest = samples.slice(SHOWN);
  return (
    <>
      <Rows samples={samples.slice(0, SHOWN)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{t("andMore", { count: rest.length })}</summary>
          <div
            className="siphms-table-scroll"
            tabIndex={0}
            role="region"
            aria-label={t("showValues")}
          >
            <Rows samples={rest} />
          </div>
        </details>
      )}
    </>
  );
}
