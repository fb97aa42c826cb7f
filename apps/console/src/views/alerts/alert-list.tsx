import { Button, Text } from "@mantine/core";
import type { ApiAlert } from "@siphms/api";
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactElement,
  type RefObject,
} from "react";
import { useTranslation } from "react-i18next";
import { useKeptOrder } from "../worklist/use-kept-order.ts";
import { AlertCard } from "./alert-card.tsx";
import "./alerts.css";
import { ResolveDialog } from "./resolve-dialog.tsx";
import { useSeen } from "./use-seen.ts";

/** Props of {@link AlertList}. */
export interface AlertListProps {
  /** In the order in which they should stand. */
  readonly alerts: readonly ApiAlert[];
  readonly label: string;
  /** Whether each says whose it is. */
  readonly ofWhom: boolean;
}

interface Resolving {
  readonly alert: ApiAlert;
  readonly what: string;
}

/** Open alerts of one channel. What stands there does not move under somebody's hand; it says when it would. */
export function AlertList({ alerts, label, ofWhom }: AlertListProps): ReactElement {
  const { t } = useTranslation("alerts");
  const list = useRef<HTMLDivElement>(null);
  const byId = useMemo(() => new Map(alerts.map((alert) => [alert.id, alert])), [alerts]);
  const wanted = useMemo(() => [...byId.keys()], [byId]);
  const { ids, changed, apply, handlers } = useKeptOrder(wanted, "");
  const [resolving, setResolving] = useState<Resolving>();
  const resolve = useCallback((alert: ApiAlert, what: string) => setResolving({ alert, what }), []);
  useSeen(list, alerts);
  useFocusKept(list, { count: ids.length, onLost: handlers.onBlur });
  return (
    <div ref={list} tabIndex={-1} className="siphms-alert-list" {...handlers}>
      <div role="status" className="siphms-alert-changed">
        {changed === 0 ? null : (
          <>
            <Text size="sm">{t("changed", { count: changed })}</Text>
            <Button size="sm" variant="default" onClick={apply}>
              {t("apply")}
            </Button>
          </>
        )}
      </div>
      <ul aria-label={label} className="siphms-cards">
        {ids.map((id) => {
          const alert = byId.get(id);
          return alert === undefined ? null : (
            <AlertCard key={id} alert={alert} ofWhom={ofWhom} onResolve={resolve} />
          );
        })}
      </ul>
      {/* Outlives its alert: what is being written does not go because a colleague was quicker. */}
      {resolving === undefined ? null : (
        <ResolveDialog
          alert={resolving.alert}
          what={resolving.what}
          isGone={!byId.has(resolving.alert.id)}
          onClose={() => setResolving(undefined)}
        />
      )}
    </div>
  );
}

/** When the alert goes that had the focus, the list takes it: whoever uses the keyboard goes on from there. */
function useFocusKept(
  list: RefObject<HTMLElement | null>,
  { count, onLost }: { readonly count: number; readonly onLost: () => void },
): void {
  const hadFocus = useRef(false);
  const before = useRef(count);
  useEffect(() => {
    const watch = (): void => {
      hadFocus.current = list.current?.contains(document.activeElement) === true;
    };
    document.addEventListener("focusin", watch);
    return () => document.removeEventListener("focusin", watch);
  }, [list]);
  useEffect(() => {
    const isFewer = count < before.current;
    before.current = count;
    if (!isFewer || !hadFocus.current || document.activeElement !== document.body) return;
    onLost();
    list.current?.focus({ preventScroll: true });
  }, [count, list, onLost]);
}
