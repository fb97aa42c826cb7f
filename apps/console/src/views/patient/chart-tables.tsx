import { Anchor, Button, Table, Text } from "@mantine/core";
import type { ApiSample } from "@siphms/api";
import { useState, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { summaryBars, type ShownSummary } from "../../chart/summary-data.ts";
import { formatInstant, formatValue, quarantineReason } from "../../format.ts";
import { evidenceAddress } from "../evidence/evidence-address.ts";
import { LateMark, OriginMark, QuarantineMark, ReleasedMark } from "../marks.tsx";

/** Rows that come at once, the newest first; more on demand. */
const PAGE = 100;

interface TableFrameProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly total: number;
  readonly shown: number;
  readonly onMore: () => void;
  readonly children: ReactNode;
}

/** A table beside a chart, in a frame that scrolls. */
function TableFrame(props: TableFrameProps): ReactElement {
  const { label, columns, total, shown, onMore, children } = props;
  const { t } = useTranslation("record");
  return (
    <>
      <div className="siphms-table-scroll" tabIndex={0} role="region" aria-label={label}>
        <Table fz="sm" stickyHeader>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column} scope="col">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </div>
      {shown >= total ? null : (
        <Text size="sm" mt={4}>
          {t("rows", { shown, total })}{" "}
          <Button variant="default" size="sm" onClick={onMore} className="siphms-no-print">
            {t("moreRows")}
          </Button>
        </Text>
      )}
    </>
  );
}

/** Where a value is from and what became of it, with the marks of the charts. */
function SampleState({ sample }: { readonly sample: ApiSample }): ReactElement {
  const { t } = useTranslation();
  const { state, reason, decision } = sample;
  return (
    <>
      {state === "quarantined" ? <QuarantineMark /> : null}
      {decision?.kind === "released" ? <ReleasedMark /> : null}
      {state === "late" ? <LateMark /> : null}
      {state === "stored" && decision === undefined ? t("stored") : null}
      {reason === undefined ? null : <span>: {quarantineReason(t, reason)}</span>}
    </>
  );
}

/** The values of one chart as a table, newest first, each with its signed original. */
export function ValueTable({
  patient,
  samples,
  label,
}: {
  readonly patient: string;
  readonly samples: readonly ApiSample[];
  readonly label: string;
}): ReactElement {
  const { t } = useTranslation();
  const { t: record } = useTranslation("record");
  const [rows, setRows] = useState(PAGE);
  const shown = samples.slice(-rows).reverse();
  return (
    <TableFrame
      label={label}
      columns={[t("time"), t("value"), t("from"), t("state"), record("evidence")]}
      total={samples.length}
      shown={shown.length}
      onMore={() => setRows(rows + PAGE)}
    >
      {shown.map((sample, index) => (
        <Table.Tr key={`${sample.messageId} ${String(sample.at)} ${String(index)}`}>
          <Table.Td>{formatInstant(sample.at)}</Table.Td>
          <Table.Td dir="ltr">
            {formatValue(sample.value)} {sample.unit}
          </Table.Td>
          <Table.Td>
            {sample.origin === "sensor" ? t("sensor") : <OriginMark origin={sample.origin} />}
          </Table.Td>
          <Table.Td>
            <SampleState sample={sample} />
          </Table.Td>
          <Table.Td>
            <Anchor component={Link} to={evidenceAddress(patient, sample)} size="sm">
              {record("original")}
            </Anchor>
          </Table.Td>
        </Table.Tr>
      ))}
    </TableFrame>
  );
}

/** The bars of one chart as a table, newest first. */
export function BarTable({
  summary,
  label,
}: {
  readonly summary: ShownSummary;
  readonly label: string;
}): ReactElement {
  const { t } = useTranslation();
  const [rows, setRows] = useState(PAGE);
  const bars = summaryBars(summary);
  const shown = bars.slice(-rows).reverse();
  const show = (value: number | null): string => (value === null ? "–" : formatValue(value));
  return (
    <TableFrame
      label={label}
      columns={[t("time"), t("lowest"), t("mean"), t("highest"), t("values")]}
      total={bars.length}
      shown={shown.length}
      onMore={() => setRows(rows + PAGE)}
    >
      {shown.map(({ start, low, mean, high, count }) => (
        <Table.Tr key={start}>
          <Table.Td>{formatInstant(start)}</Table.Td>
          <Table.Td dir="ltr">{show(low)}</Table.Td>
          <Table.Td dir="ltr">{show(mean)}</Table.Td>
          <Table.Td dir="ltr">{show(high)}</Table.Td>
          <Table.Td dir="ltr">{formatValue(count)}</Table.Td>
        </Table.Tr>
      ))}
    </TableFrame>
  );
}
