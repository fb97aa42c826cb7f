import { Button, NativeSelect, TextInput } from "@mantine/core";
import { TEXT_LIMITS, type AuditChoices, type AuditSearch } from "@siphms/api";
import type { TFunction } from "i18next";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import { eventWords, groupWords } from "./entry-words.ts";
import { draftAt, readSearch, type SearchDraft, type SearchFault } from "./search-draft.ts";

/** Props of {@link SearchForm}. */
export interface SearchFormProps {
  readonly choices: AuditChoices;
  readonly onSearch: (question: AuditSearch) => void;
}

const OTHERS = ["operator", "hospital", "anybody"] as const;

/** What to search the audit log for. Asks nothing before somebody wants it to: each question is noted. */
export function SearchForm({ choices, onSearch }: SearchFormProps): ReactElement {
  const { t } = useTranslation("oversight");
  const [draft, setDraft] = useState(() => draftAt(hospitalNow()));
  const [faults, setFaults] = useState<ReadonlySet<SearchFault>>(new Set());
  const change = (changed: Partial<SearchDraft>): void => {
    setDraft({ ...draft, ...changed });
    setFaults(new Set());
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const read = readSearch(draft, hospitalNow());
    setFaults(read.kind === "wrong" ? read.faults : new Set());
    if (read.kind === "good") onSearch(read.question);
  };
  return (
    <form noValidate onSubmit={submit} aria-label={t("audit.form")}>
      <div className="siphms-search-fields">
        <Times draft={draft} faults={faults} onChange={change} />
        <NativeSelect
          label={t("audit.person")}
          data={peopleOf(t, choices)}
          value={draft.actor}
          onChange={({ currentTarget }) => change({ actor: currentTarget.value })}
        />
        <TextInput
          label={t("audit.mrn")}
          maxLength={TEXT_LIMITS.mrn}
          autoComplete="off"
          value={draft.mrn}
          onChange={({ currentTarget }) => change({ mrn: currentTarget.value })}
          error={faults.has("patient") ? t("audit.wrong.patient") : undefined}
        />
        <NativeSelect
          label={t("audit.event")}
          data={eventsOf(t, choices)}
          value={draft.event}
          onChange={({ currentTarget }) => change({ event: currentTarget.value })}
        />
        <Outcome draft={draft} onChange={change} />
      </div>
      <Button type="submit" mt="md">
        {t("audit.search")}
      </Button>
    </form>
  );
}

interface FieldProps {
  readonly draft: SearchDraft;
  readonly onChange: (changed: Partial<SearchDraft>) => void;
}

function Times({
  draft,
  faults,
  onChange,
}: FieldProps & { readonly faults: ReadonlySet<SearchFault> }): ReactElement {
  const { t } = useTranslation("oversight");
  return (
    <>
      <TextInput
        type="datetime-local"
        label={t("audit.from")}
        value={draft.from}
        onChange={({ currentTarget }) => onChange({ from: currentTarget.value })}
        error={faults.has("from") ? t("audit.wrong.from") : undefined}
      />
      <TextInput
        type="datetime-local"
        label={t("audit.to")}
        value={draft.to}
        onChange={({ currentTarget }) => onChange({ to: currentTarget.value })}
        error={faults.has("order") ? t("audit.wrong.order") : undefined}
      />
    </>
  );
}

const OUTCOMES = ["done", "refused"] as const;

function Outcome({ draft, onChange }: FieldProps): ReactElement {
  const { t } = useTranslation("oversight");
  return (
    <NativeSelect
      label={t("audit.outcome")}
      data={[
        { value: "", label: t("audit.everyOutcome") },
        ...OUTCOMES.map((value) => ({ value, label: t(`audit.outcomes.${value}`) })),
      ]}
      value={draft.outcome}
      onChange={({ currentTarget }) =>
        onChange({ outcome: OUTCOMES.find((one) => one === currentTarget.value) ?? "" })
      }
    />
  );
}

function peopleOf(t: TFunction<"oversight">, { people }: AuditChoices) {
  return [
    { value: "", label: t("audit.everybody") },
    {
      group: t("audit.staff"),
      items: people
        .map(({ actor, name, active }) => ({
          value: actor,
          label: active ? name : t("audit.disabled", { name }),
        }))
        .toSorted((one, two) => one.label.localeCompare(two.label)),
    },
    {
      group: t("audit.others"),
      items: OTHERS.map((value) => ({ value, label: t(`audit.actors.${value}`) })),
    },
  ];
}

function eventsOf(t: TFunction<"oversight">, { events }: AuditChoices) {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const event of events) {
    const group = groupWords(t, event);
    groups.set(group, [
      ...(groups.get(group) ?? []),
      { value: event, label: eventWords(t, event) },
    ]);
  }
  const sorted = [...groups].toSorted(([one], [two]) => one.localeCompare(two));
  return [
    { value: "", label: t("audit.everyEvent") },
    ...sorted.map(([group, items]) => ({ group, items })),
  ];
}
