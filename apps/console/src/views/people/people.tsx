import {
  Alert,
  Badge,
  Button,
  Group,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import type { StaffAccount } from "@siphms/api";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../session/session.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { isSameName, peopleOf } from "./find-people.ts";
import { PersonActs, type PersonAct } from "./person-acts.tsx";
import { PEOPLE_KEY, usePeople } from "./use-people.ts";
import "./people.css";

/** Everybody's accounts: to invite, to give another role, to disable, and to make a link for who has lost everything. */
export function People(): ReactElement {
  const { t } = useTranslation("access");
  const queries = useQueryClient();
  const [act, setAct] = useState<PersonAct>();
  const [isDone, setDone] = useState(false);
  const begin = (next: PersonAct): void => {
    setDone(false);
    setAct(next);
  };
  return (
    <Stack gap="md" maw={900}>
      <Title order={1} size="h2">
        {t("people.title")}
      </Title>
      <Text>{t("people.intro")}</Text>
      <div>
        <Button onClick={() => begin({ kind: "invite" })}>{t("people.invite")}</Button>
      </div>
      {isDone ? <Alert role="status">{t("people.done")}</Alert> : null}
      <Accounts onAct={begin} />
      {act === undefined ? null : (
        <PersonActs
          act={act}
          onClose={() => setAct(undefined)}
          onChanged={(isOver) => {
            setDone(isOver);
            void queries.invalidateQueries({ queryKey: PEOPLE_KEY });
          }}
        />
      )}
    </Stack>
  );
}

interface ActsProps {
  readonly onAct: (act: PersonAct) => void;
}

function Accounts({ onAct }: ActsProps): ReactElement {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation();
  const [query, setQuery] = useState("");
  const accounts = usePeople();
  if (accounts.data === undefined) {
    return accounts.isError ? (
      <ProblemAlert error={accounts.error} onRetry={() => void accounts.refetch()} />
    ) : (
      <Skeleton height={240} aria-label={common("loading")} />
    );
  }
  const { staff } = accounts.data;
  const found = peopleOf(staff, query);
  return (
    <>
      <TextInput
        type="search"
        label={t("people.search")}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {staff.length === 0 ? <Text>{t("people.none")}</Text> : null}
      {staff.length > 0 && found.length === 0 ? (
        <Text>{t("people.noMatch", { query })}</Text>
      ) : null}
      <ul className="siphms-rows">
        {found.map((account) => (
          <li key={account.name} className="siphms-row-of">
            <Account account={account} onAct={onAct} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Account({ account, onAct }: ActsProps & { readonly account: StaffAccount }): ReactElement {
  const { t } = useTranslation("access");
  const { name, role, state } = account;
  const isOwn = isSameName(name, useSignedIn().staff.name);
  return (
    <>
      <div>
        <Text fw={600} component="bdi">
          {name}
        </Text>{" "}
        {isOwn ? (
          <Badge variant="outline" color="var(--siphms-pending)" className="siphms-badge">
            {t("people.you")}
          </Badge>
        ) : null}
        <Text size="sm" className={state === "disabled" ? "siphms-warning" : undefined}>
          <Role role={role} />
          {" · "}
          {t(`people.${state}`)}
        </Text>
      </div>
      {isOwn || state === "disabled" ? null : <Buttons account={account} onAct={onAct} />}
    </>
  );
}

function Role({ role }: Pick<StaffAccount, "role">): ReactElement {
  const { t } = useTranslation("session");
  return <>{t(`role.${role}`)}</>;
}

function Buttons({ account, onAct }: ActsProps & { readonly account: StaffAccount }): ReactElement {
  const { t } = useTranslation("access");
  const { name, role } = account;
  const kinds = role === "integration" ? (["disable"] as const) : KINDS;
  return (
    <Group gap="xs">
      {kinds.map((kind) => (
        <Button
          key={kind}
          size="xs"
          variant="default"
          aria-label={t(`people.${kind}Of`, { name })}
          onClick={() => onAct({ kind, account })}
        >
          {t(`people.${kind}`)}
        </Button>
      ))}
    </Group>
  );
}

const KINDS = ["newLink", "changeRole", "disable"] as const;
