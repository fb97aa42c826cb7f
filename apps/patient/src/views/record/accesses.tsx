import { Button, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { Access, AccessDay, Accesses as Found } from "../../readings/accesses.ts";
import { useAnswer, useAnswers } from "../parts/answers.ts";
import { Answered } from "../parts/notices.tsx";
import { useFormats } from "../parts/use-formats.ts";
import { useAccessWords } from "./use-access-words.ts";

const FIRST_DAYS = 3;
const MORE_DAYS = 10;

/** Who has seen the record and why; nothing at a hospital that does not answer such a question. */
export function Accesses(): ReactElement | null {
  const { t } = useTranslation("record");
  const { accesses } = useAnswers();
  const state = useAnswer(accesses);
  if (state.fault === "not-offered") return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("accesses.title")}>
      <Title order={2} size="h4">
        {t("accesses.title")}
      </Title>
      <Answered state={state} ask={accesses.ask}>
        {(found) => <Days found={found} />}
      </Answered>
    </Stack>
  );
}

function Days({ found }: { readonly found: Found }): ReactElement {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const [shown, setShown] = useState(FIRST_DAYS);
  const { days, cutAfter } = found;
  if (days.length === 0) return <Text size="sm">{t("accesses.none")}</Text>;
  return (
    <>
      <Text size="sm" c="dimmed">
        {t("accesses.help")}
      </Text>
      {cutAfter === undefined ? null : (
        <Text size="sm">{t("accesses.cut", { date: formats.date(cutAfter) })}</Text>
      )}
      {days.slice(0, shown).map((day) => (
        <Day key={day.at} day={day} />
      ))}
      {days.length > shown ? (
        <Button variant="default" onClick={() => setShown(shown + MORE_DAYS)}>
          {t("accesses.more", { count: days.length - shown })}
        </Button>
      ) : null}
    </>
  );
}

function Day({ day }: { readonly day: AccessDay }): ReactElement {
  const formats = useFormats();
  return (
    <section>
      <Title order={3} size="h6">
        {formats.date(day.at)}
      </Title>
      <ul className="siphms-accesses">
        {day.accesses.map((access, index) => (
          <li key={index}>
            <Line access={access} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ access }: { readonly access: Access }): ReactElement {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const words = useAccessWords();
  const { purpose, what, first, last, count } = access;
  const isEmergency = purpose === "break-glass";
  const times =
    first === last
      ? formats.time(first)
      : t("accesses.times", { count, first: formats.time(first), last: formats.time(last) });
  return (
    <>
      <span className="siphms-access-who">{words.who(access)}</span>
      <span>{words.what(what)}</span>
      <span>
        {isEmergency ? <span aria-hidden="true">▲ </span> : null}
        {words.purpose(purpose)}
      </span>
      <Text span size="sm" c="dimmed">
        {times}
      </Text>
    </>
  );
}
