import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useContext, useMemo, useRef, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StoreContext, useFromAlerts, usePatientIds } from "../../live/use-store.ts";
import { ListContext } from "../../live/with-records.tsx";
import { AlertsFailed } from "../alerts/alerts-failed.tsx";
import { useNow } from "../live-age.tsx";
import { arrange, type Arranged, type Wanted } from "./arrange.ts";
import { KeysHelp } from "./keys-help.tsx";
import { PatientRows } from "./patient-rows.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useKeptOrder } from "./use-kept-order.ts";
import { useWanted } from "./use-wanted.ts";
import "./worklist.css";

/** The order follows the values this often. */
const ORDER_MS = 2_000;

/** What stands in the place of the rows when there are none. */
function NoRows({
  isEmpty,
  wanted,
  onAll,
}: {
  readonly isEmpty: boolean;
  readonly wanted: Wanted;
  readonly onAll: () => void;
}): ReactElement {
  const { t } = useTranslation("worklist");
  const { t: common } = useTranslation();
  if (isEmpty) {
    return (
      <Alert>
        {t("noPatients")}{" "}
        <Anchor component={Link} to="/register" fw={600}>
          {t("register")}
        </Anchor>
      </Alert>
    );
  }
  return (
    <Alert>
      {wanted.query.trim() === "" ? t("noneHere") : common("noMatch", { query: wanted.query })}
      <Group mt="sm">
        <Button variant="default" size="sm" onClick={onAll}>
          {t("showAll")}
        </Button>
      </Group>
    </Alert>
  );
}

/** The list could not be had: what that means, and how to go on. */
function Failed({ onRetry }: { readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation();
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)">
      {t("error.network")}{" "}
      <Button variant="default" size="sm" onClick={onRetry}>
        {t("error.retry")}
      </Button>
    </Alert>
  );
}

/** Says that others would stand higher by now, while somebody's hand is on the list. */
function ChangedPlaces({
  count,
  onApply,
}: {
  readonly count: number;
  readonly onApply: () => void;
}): ReactElement {
  const { t } = useTranslation("worklist");
  return (
    <div role="status" className="siphms-worklist-changed">
      {count === 0 ? null : (
        <>
          <Text size="sm">{t("changed", { count })}</Text>
          <Button size="sm" variant="default" onClick={onApply}>
            {t("apply")}
          </Button>
        </>
      )}
    </div>
  );
}

/** Everybody in this person's care, those first who need somebody, with their latest values, kept live. */
export function Worklist(): ReactElement {
  const { t } = useTranslation();
  const { loading, failed, retry } = useContext(ListContext);
  const now = useNow(ORDER_MS);
  const [wanted, setWanted] = useWanted();
  const { ids: inOrder, counts, total } = useArranged(wanted, now);
  const { query, filter, order } = wanted;
  const kept = useKeptOrder(inOrder, `${filter} ${order} ${query}`);
  const search = useRef<HTMLInputElement>(null);
  const [helping, setHelping] = useState(false);
  const [singleKeys, setSingleKeys] = useLocalStorage({
    key: "siphms-single-keys",
    defaultValue: true,
  });
  const countText = loading ? t("loading") : t("patientCount", { count: kept.ids.length });
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="end" mih={56}>
        <Heading text={failed ? "" : countText} />
        <ChangedPlaces count={kept.changed} onApply={kept.apply} />
      </Group>
      {/* A list that is not known is not an empty one. */}
      {failed ? null : (
        <Toolbar
          wanted={wanted}
          counts={counts}
          search={search}
          onWanted={setWanted}
          onHelp={() => setHelping(true)}
        />
      )}
      {failed ? <Failed onRetry={retry} /> : <AlertsFailed />}
      {loading ? <Waiting /> : null}
      {!loading && !failed && kept.ids.length === 0 ? (
        <NoRows
          isEmpty={total === 0}
          wanted={wanted}
          onAll={() => setWanted({ query: "", filter: "all" })}
        />
      ) : null}
      {kept.ids.length > 0 ? (
        <PatientRows
          ids={kept.ids}
          handlers={kept.handlers}
          singleKeys={singleKeys}
          tick={now}
          onSearch={() => search.current?.focus()}
          onHelp={() => setHelping(true)}
        />
      ) : null}
      <KeysHelp
        opened={helping}
        onClose={() => setHelping(false)}
        singleKeys={singleKeys}
        onSingleKeys={setSingleKeys}
      />
    </Stack>
  );
}

function Heading({ text }: { readonly text: string }): ReactElement {
  const { t } = useTranslation();
  return (
    <Stack gap={0}>
      <Title order={1} size="h2">
        {t("patients")}
      </Title>
      <Text size="sm" c="dimmed" role="status">
        {text}
      </Text>
    </Stack>
  );
}

/** The list as it should stand now: worked out anew when something was asked, the first alerts came, and every two seconds. */
function useArranged({ query, filter, order }: Wanted, now: number): Arranged {
  const store = useContext(StoreContext);
  const known = usePatientIds();
  // The first ones are not waited for; of a ward where alerts come and go all the time the order is worked out with the time.
  const hasAlerts = useFromAlerts((open) => open.length > 0);
  const last = useRef<readonly string[]>([]);
  return useMemo(() => {
    const patients = known.flatMap((id) => {
      const patient = store.patient(id);
      return patient === undefined ? [] : { patient, stand: store.stand(id) };
    });
    const arranged = arrange(patients, { query, filter, order }, now);
    // The very same list as long as nobody moves: nothing is drawn for it.
    if (isSame(arranged.ids, last.current)) return { ...arranged, ids: last.current };
    last.current = arranged.ids;
    return arranged;
    // `hasAlerts` is read through the store.
  }, [known, hasAlerts, store, query, filter, order, now]);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/** The place of the first rows while the list is fetched. */
function Waiting(): ReactElement {
  return (
    <Stack gap={6} className="siphms-late" aria-hidden="true">
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={72} />
      ))}
    </Stack>
  );
}
