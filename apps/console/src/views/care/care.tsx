import { Alert, Button, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { CONSOLE_PATHS, type CareRelations } from "@siphms/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { DialogButtons } from "../dialog-buttons.tsx";
import { Dialog } from "../dialog.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import "../people/people.css";
import { BeginCareDialog } from "./begin-care.tsx";
import { relationsOf, type CareRelation } from "./find-relations.ts";

const CARE_KEY = ["care"] as const;

type Asked = { readonly kind: "begin" } | { readonly kind: "end"; readonly relation: CareRelation };

/** Who has which patient in care: by person or by patient, to begin and to end. */
export function Care(): ReactElement {
  const { t } = useTranslation("access");
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Asked>();
  const [isDone, setDone] = useState(false);
  const ask = (next: Asked): void => {
    setDone(false);
    setAsked(next);
  };
  const close = (): void => setAsked(undefined);
  const done = (): void => {
    close();
    setDone(true);
    void queries.invalidateQueries({ queryKey: CARE_KEY });
  };
  return (
    <Stack gap="md" maw={900}>
      <Title order={1} size="h2">
        {t("care.title")}
      </Title>
      <Text>{t("care.intro")}</Text>
      <div>
        <Button onClick={() => ask({ kind: "begin" })}>{t("care.begin")}</Button>
      </div>
      {isDone ? <Alert role="status">{t("care.done")}</Alert> : null}
      <Relations onEnd={(relation) => ask({ kind: "end", relation })} />
      {asked?.kind === "begin" ? <BeginCareDialog onClose={close} onDone={done} /> : null}
      {asked?.kind === "end" ? (
        <EndCare relation={asked.relation} onClose={close} onDone={done} />
      ) : null}
    </Stack>
  );
}

interface RelationsProps {
  readonly onEnd: (relation: CareRelation) => void;
}

function Relations({ onEnd }: RelationsProps): ReactElement {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation();
  const [query, setQuery] = useState("");
  const care = useQuery({
    queryKey: CARE_KEY,
    queryFn: ({ signal }) => callApi<CareRelations>(CONSOLE_PATHS.care, { signal }),
  });
  if (care.data === undefined) {
    return care.isError ? (
      <ProblemAlert error={care.error} onRetry={() => void care.refetch()} />
    ) : (
      <Skeleton height={240} aria-label={common("loading")} />
    );
  }
  const { relations } = care.data;
  const found = relationsOf(relations, query);
  return (
    <>
      <TextInput
        type="search"
        label={t("care.filter")}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {relations.length === 0 ? <Text>{t("care.none")}</Text> : null}
      {relations.length > 0 && found.length === 0 ? (
        <Text>{t("care.noMatch", { query })}</Text>
      ) : null}
      <ul className="siphms-rows">
        {found.map((relation) => (
          <li key={`${relation.mrn} ${relation.staff}`} className="siphms-row-of">
            <Relation relation={relation} onEnd={onEnd} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Relation({
  relation,
  onEnd,
}: RelationsProps & { readonly relation: CareRelation }): ReactElement {
  const { t } = useTranslation("access");
  const { t: session } = useTranslation("session");
  const { staff, role, mrn, began, until } = relation;
  const end = until === undefined ? t("care.open") : formatInstant(until);
  return (
    <>
      <div>
        <Text>
          <b>
            <bdi>{staff}</bdi>
          </b>
          {" · "}
          {session(`role.${role}`)} · {t("reviews.of", { mrn })}
        </Text>
        <Text size="sm" c="dimmed">
          {t("care.since")}: {formatInstant(began)} · {t("care.until")}: {end}
        </Text>
      </div>
      <Button
        size="xs"
        variant="default"
        aria-label={t("care.endOf", { mrn, name: staff })}
        onClick={() => onEnd(relation)}
      >
        {t("care.end")}
      </Button>
    </>
  );
}

interface EndCareProps {
  readonly relation: CareRelation;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function EndCare({ relation: { staff, mrn }, onClose, onDone }: EndCareProps): ReactElement {
  const { t } = useTranslation("access");
  const end = useMutation({
    mutationFn: () => callApi(CONSOLE_PATHS.endCare, { method: "POST", body: { staff, mrn } }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={t("care.endTitle", { mrn, name: staff })} onClose={onClose}>
      <Text size="sm">{t("care.endHelp", { name: staff })}</Text>
      <ProblemAlert error={end.error} words={{ "not-found": t("care.unknown") }} />
      <DialogButtons
        label={t("care.confirmEnd")}
        isDangerous
        isBusy={end.isPending}
        onClose={onClose}
        onDo={() => end.mutate()}
      />
    </Dialog>
  );
}
