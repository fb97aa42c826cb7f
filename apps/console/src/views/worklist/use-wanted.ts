import { useState } from "react";
import { useSearchParams } from "react-router";
import { FILTERS, ORDERS, type Wanted } from "./arrange.ts";

/**
 * What somebody asked of the list. Filter and order stand in the address, so that coming back finds them; what is searched for
 * is a name or a number and never does.
 */
export function useWanted(): [Wanted, (change: Partial<Wanted>) => void] {
  const [query, setQuery] = useState("");
  const [params, setParams] = useSearchParams();
  const filter = FILTERS.find((name) => name === params.get("show")) ?? "all";
  const order = ORDERS.find((name) => name === params.get("order")) ?? "need";
  const change = (changed: Partial<Wanted>): void => {
    if (changed.query !== undefined) setQuery(changed.query);
    if (changed.filter === undefined && changed.order === undefined) return;
    setParams({ show: changed.filter ?? filter, order: changed.order ?? order }, { replace: true });
  };
  return [{ query, filter, order }, change];
}
