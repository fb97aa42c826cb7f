import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { ReactElement, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { FILTERS, ORDERS, type Arranged, type Order, type Wanted } from "./arrange.ts";

/** Props of {@link Toolbar}. */
export interface ToolbarProps {
  readonly wanted: Wanted;
  readonly counts: Arranged["counts"];
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onWanted: (change: Partial<Wanted>) => void;
  readonly onHelp: () => void;
}

/** Search, filters, order and the list of keys. */
export function Toolbar(props: ToolbarProps): ReactElement {
  const { t } = useTranslation("worklist");
  const { t: common } = useTranslation();
  const { wanted, counts, search, onWanted, onHelp } = props;
  return (
    <div className="siphms-worklist-asked siphms-no-print">
      <TextInput
        ref={search}
        className="siphms-worklist-search"
        type="search"
        label={common("search")}
        value={wanted.query}
        onChange={(event) => onWanted({ query: event.currentTarget.value })}
        autoComplete="off"
      />
      <NativeSelect
        className="siphms-worklist-order"
        label={t("order")}
        value={wanted.order}
        onChange={(event) => onWanted({ order: event.currentTarget.value as Order })}
        data={ORDERS.map((order) => ({ value: order, label: t(`orders.${order}`) }))}
      />
      <div role="group" aria-label={t("filter")} className="siphms-worklist-filters">
        {FILTERS.map((filter) => (
          <Button
            key={filter}
            size="sm"
            px="xs"
            variant={wanted.filter === filter ? "filled" : "default"}
            aria-pressed={wanted.filter === filter}
            onClick={() => onWanted({ filter })}
          >
            {t(`filters.${filter}`)} <span className="siphms-worklist-count">{counts[filter]}</span>
          </Button>
        ))}
      </div>
      <Button variant="default" size="sm" px="xs" onClick={onHelp} visibleFrom="sm">
        {t("keys.title")}
      </Button>
    </div>
  );
}
