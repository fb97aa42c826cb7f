import { Button, Text } from "@mantine/core";
import type { Role } from "@siphms/api";
import { useId, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useEmergency } from "../../emergency/emergency.ts";
import { isThereInEmergency } from "../../emergency/places.ts";
import { NoticesBadge } from "../../session/notices-badge.tsx";
import { useSignedIn, useSignOut } from "../../session/session.ts";
import { Preferences } from "../preferences.tsx";
import { WaitingAlerts } from "../alerts/waiting-alerts.tsx";
import { SystemAlertsBadge } from "../system-alerts/system-alerts-badge.tsx";
import { ICONS } from "./icons.ts";
import { GROUPS, PLACES, railOf, type Group, type PlaceName } from "./places.ts";

function RailLink({ name }: { readonly name: PlaceName }): ReactElement {
  const { t } = useTranslation("shell");
  return (
    <NavLink to={PLACES[name].path} end className="siphms-rail-link">
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="siphms-icon">
        <path d={ICONS[name]} />
      </svg>
      <span>{t(`places.${name}`)}</span>
      {name === "account" ? <NoticesBadge /> : null}
      {name === "alerts" ? <WaitingAlerts /> : null}
      {name === "system" ? <SystemAlertsBadge /> : null}
    </NavLink>
  );
}

function RailGroup({
  group,
  role,
}: {
  readonly group: Group;
  readonly role: Role;
}): ReactElement | null {
  const { t } = useTranslation("shell");
  const heading = useId();
  const isEmergency = useEmergency() !== undefined;
  const names = railOf(group, role).filter(
    (name) => !isEmergency || isThereInEmergency(name, role),
  );
  if (names.length === 0) return null;
  return (
    <div>
      <Text
        id={heading}
        className={group === "work" ? "siphms-rail-hidden" : "siphms-rail-heading"}
      >
        {t(`groups.${group}`)}
      </Text>
      <ul aria-labelledby={heading} className="siphms-rail-list">
        {names.map((name) => (
          <li key={name}>
            <RailLink name={name} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Where somebody in this role can go, how the console looks, and the way out. */
export function Rail(): ReactElement {
  const { t } = useTranslation("shell");
  const { t: common } = useTranslation();
  const signOut = useSignOut();
  const { name, role } = useSignedIn().staff;
  return (
    <div className="siphms-rail">
      <nav aria-label={t("rail")}>
        {GROUPS.map((group) => (
          <RailGroup key={group} group={group} role={role} />
        ))}
      </nav>
      <div className="siphms-rail-foot">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`roles.${role}`)}
        </Text>
        <Preferences />
        <Button variant="default" size="sm" fullWidth onClick={() => void signOut()}>
          {common("signOut")}
        </Button>
      </div>
    </div>
  );
}
