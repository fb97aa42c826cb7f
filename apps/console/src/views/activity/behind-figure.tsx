import { Button, Stack, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { EntryList } from "../audit/entry-list.tsx";
import type { Asked } from "../audit/use-audit.ts";
import { personWords } from "./stands-out.ts";
import type { Shown } from "./standing-out.tsx";

/** Props of {@link BehindFigure}. */
export interface BehindFigureProps {
  readonly week: string;
  readonly shown: Shown;
  readonly onBack: () => void;
}

/** The entries of the audit log behind one figure of one person. */
export function BehindFigure({ week, shown, onBack }: BehindFigureProps): ReactElement {
  const { t } = useTranslation("oversight");
  const { person, figure } = shown;
  const [asked] = useState<Asked>({
    path: CONSOLE_PATHS.activityEntries,
    question: { week, actor: person.actor, figure },
    number: 1,
  });
  const words = { name: personWords(t, person), figure: t(`activity.figures.${figure}`) };
  return (
    <Stack gap="md" maw={1200}>
      <div>
        <Button variant="default" size="sm" onClick={onBack}>
          {t("activity.back")}
        </Button>
      </div>
      <Title order={1} size="h2" tabIndex={-1} ref={takeFocus}>
        {t("activity.behind", words)}
      </Title>
      <Text>{t("activity.behindIntro")}</Text>
      <EntryList asked={asked} />
    </Stack>
  );
}

/** What was pressed to come here is gone: the keyboard goes on at the heading. */
function takeFocus(heading: HTMLElement | null): void {
  heading?.focus();
}
