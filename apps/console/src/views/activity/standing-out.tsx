import { Button, Card, Group, Stack, Text } from "@mantine/core";
import type { ActivityFigure, PersonActivity } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Part } from "../parts/part.tsx";
import { outstandingFigures, personWords } from "./stands-out.ts";

/** One figure of one person, whose entries are to be shown. */
export interface Shown {
  readonly person: PersonActivity;
  readonly figure: ActivityFigure;
}

/** Props of {@link StandingOut}. */
export interface StandingOutProps {
  readonly people: readonly PersonActivity[];
  readonly onShow: (shown: Shown) => void;
}

/** Who stands out in a week, in what, and why that is worth a look. */
export function StandingOut({ people, onShow }: StandingOutProps): ReactElement {
  const { t } = useTranslation("oversight");
  const outstanding = people.filter((person) => outstandingFigures(person).length > 0);
  return (
    <Part title={t("activity.outstanding")}>
      {outstanding.length === 0 ? <Text>{t("activity.nothing")}</Text> : null}
      <ul className="siphms-cards">
        {outstanding.map((person) => (
          <Card withBorder component="li" key={person.actor} data-testid="standing-out">
            <Person person={person} />
            <Stack component="ul" gap="sm" mt="xs" className="siphms-plain">
              {outstandingFigures(person).map((figure) => (
                <Reason key={figure} person={person} figure={figure} onShow={onShow} />
              ))}
            </Stack>
          </Card>
        ))}
      </ul>
    </Part>
  );
}

function Person({ person }: { readonly person: PersonActivity }): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: session } = useTranslation("session");
  const { role } = person;
  return (
    <Text fw={600}>
      <bdi>{personWords(t, person)}</bdi>
      {role === undefined ? null : (
        <Text span size="sm" c="dimmed" fw={400}>
          {" · "}
          {session(`role.${role}`)}
        </Text>
      )}
    </Text>
  );
}

function Reason({
  person,
  figure,
  onShow,
}: Shown & Pick<StandingOutProps, "onShow">): ReactElement {
  const { t } = useTranslation("oversight");
  const { count, limit } = person.figures[figure];
  const words = { figure: t(`activity.figures.${figure}`), name: personWords(t, person), count };
  return (
    <li>
      <Group justify="space-between" gap="xs">
        <div className="siphms-reason">
          <Text size="sm" className="siphms-warning">
            <span aria-hidden="true">▲</span> {words.figure}: {count}
          </Text>
          <Text size="sm">{t(`activity.reasons.${figure}`, { limit })}</Text>
        </div>
        <Button
          size="xs"
          variant="default"
          aria-label={t("activity.showOf", words)}
          onClick={() => onShow({ person, figure })}
        >
          {t("activity.show")}
        </Button>
      </Group>
    </li>
  );
}
