import { Text } from "@mantine/core";
import type { AuditLine } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { actorWords, detailWords, eventWords, objectWords } from "./entry-words.ts";

/** Props of {@link Entry}. */
export interface EntryProps {
  readonly entry: AuditLine;
}

/** One entry of the audit log: when, who, what about whom, and whether the log has bound it. */
export function Entry({ entry }: EntryProps): ReactElement {
  return (
    <li className="siphms-entry" data-testid="audit-entry">
      <div>
        <Text size="sm" component="time" className="siphms-entry-time">
          {formatInstant(entry.at)}
        </Text>
        <LogState log={entry.log} />
      </div>
      <Actor entry={entry} />
      <What entry={entry} />
      <Whom entry={entry} />
    </li>
  );
}

function LogState({ log }: Pick<AuditLine, "log">): ReactElement {
  const { t } = useTranslation("oversight");
  const { state } = log;
  if (state === "altered") {
    return (
      <Text size="sm" className="siphms-lost">
        <span aria-hidden="true">✕</span> {t("audit.altered")}
      </Text>
    );
  }
  return (
    <Text size="xs" c="dimmed" className="siphms-entry-log">
      {state === "logged" ? t("audit.logged", { index: log.index }) : t(`audit.${state}`)}
    </Text>
  );
}

function Actor({ entry }: EntryProps): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: session } = useTranslation("session");
  const { role } = entry;
  return (
    <div>
      <Text size="sm" fw={600}>
        <bdi>{actorWords(t, entry)}</bdi>
      </Text>
      {role === undefined ? null : (
        <Text size="xs" c="dimmed">
          {session(`role.${role}`)}
        </Text>
      )}
    </div>
  );
}

function What({ entry }: EntryProps): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: access } = useTranslation("access");
  const { event, outcome, purpose, details } = entry;
  const object = objectWords(access, entry);
  const more = detailWords(details);
  // The word for the event says how it ended.
  const isSaid = event.endsWith("refused");
  return (
    <div className="siphms-entry-what">
      <Text size="sm">
        <span className={outcome === "refused" ? "siphms-warning" : undefined}>
          {eventWords(t, event)}
          {isSaid || outcome !== "refused" ? "" : ` (${t("audit.outcomes.refused")})`}
        </span>
        {object === undefined ? null : (
          <>
            {": "}
            <bdi>{object}</bdi>
          </>
        )}
      </Text>
      {purpose === undefined ? null : (
        <Text size="xs" c="dimmed">
          {t("audit.purpose", { purpose: access(`accessLog.purposes.${purpose}`) })}
        </Text>
      )}
      {more === "" ? null : (
        <Text size="xs" className="siphms-entry-details" aria-label={t("audit.details")}>
          <bdi dir="ltr">{more}</bdi>
        </Text>
      )}
    </div>
  );
}

function Whom({ entry: { patient } }: EntryProps): ReactElement | null {
  const { t } = useTranslation("oversight");
  if (patient === undefined) return null;
  return (
    <Text size="sm">
      {patient.mrn === undefined ? t("audit.erased") : t("audit.patientOf", { mrn: patient.mrn })}
    </Text>
  );
}
