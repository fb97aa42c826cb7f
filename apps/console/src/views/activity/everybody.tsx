import { Button, Table, Text, VisuallyHidden } from "@mantine/core";
import { ACTIVITY_FIGURES, type PersonActivity } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../session/session.ts";
import { Part } from "../parts/part.tsx";
import { outstandingFigures, personWords } from "./stands-out.ts";
import type { Shown, StandingOutProps } from "./standing-out.tsx";

/** Everybody's figures of a week; each leads to the entries behind it. */
export function Everybody({ people, onShow }: StandingOutProps): ReactElement {
  const { t } = useTranslation("oversight");
  const title = t("activity.everybody");
  return (
    <Part title={title}>
      {people.length === 0 ? (
        <Text>{t("activity.nobody")}</Text>
      ) : (
        <div className="siphms-scroll" role="region" aria-label={title} tabIndex={0}>
          <Table miw={820} className="siphms-figures">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t("activity.person")}</Table.Th>
                {ACTIVITY_FIGURES.map((figure) => (
                  <Table.Th key={figure} scope="col">
                    {t(`activity.figures.${figure}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {people.map((person) => (
                <Row key={person.actor} person={person} onShow={onShow} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Part>
  );
}

interface RowProps {
  readonly person: PersonActivity;
  readonly onShow: (shown: Shown) => void;
}

function Row({ person, onShow }: RowProps): ReactElement {
  const { t } = useTranslation("oversight");
  const isOwn = person.name === useSignedIn().staff.name;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <bdi>{personWords(t, person)}</bdi>
        {isOwn ? ` (${t("activity.you")})` : ""}
      </Table.Th>
      {ACTIVITY_FIGURES.map((figure) => (
        <Table.Td key={figure}>
          <Figure person={person} figure={figure} onShow={onShow} />
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function Figure({ person, figure, onShow }: Shown & Pick<RowProps, "onShow">): ReactElement {
  const { t } = useTranslation("oversight");
  const { count } = person.figures[figure];
  if (count === 0) return <span className="siphms-none">0</span>;
  const isOutstanding = outstandingFigures(person).includes(figure);
  const words = { figure: t(`activity.figures.${figure}`), name: personWords(t, person), count };
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={t("activity.showOf", words)}
      className={isOutstanding ? "siphms-warning" : undefined}
      onClick={() => onShow({ person, figure })}
    >
      {isOutstanding ? (
        <>
          <span aria-hidden="true">▲&nbsp;</span>
          <VisuallyHidden>{t("activity.standsOut")} </VisuallyHidden>
        </>
      ) : null}
      {count}
    </Button>
  );
}
