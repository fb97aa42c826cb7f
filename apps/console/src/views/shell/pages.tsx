import { Alert, Anchor, Skeleton, Stack, Title } from "@mantine/core";
import type { Role } from "@siphms/api";
import { Suspense, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Route, Routes } from "react-router";
import { AdministratorLanding } from "../first-run/administrator-landing.tsx";
import { homeOf, isFor, PLACE_NAMES, PLACES, type PlaceName } from "./places.ts";
import { SCREENS } from "./screens.tsx";

function Dead({ title, detail, home }: Record<"title" | "detail" | "home", string>): ReactElement {
  const { t } = useTranslation("shell");
  return (
    <Stack align="start">
      <Title order={1} size="h2">
        {title}
      </Title>
      <Alert>{detail}</Alert>
      <Anchor component={Link} to={home}>
        {t("home")}
      </Anchor>
    </Stack>
  );
}

/** Props of {@link Pages}. */
export interface PagesProps {
  readonly role: Role;
}

function Screen({ name, role }: PagesProps & { readonly name: PlaceName }): ReactElement {
  const { t } = useTranslation("shell");
  const Found = SCREENS[name];
  const home = homeOf(role);
  if (!isFor(name, role)) {
    const detail = t("notForRole", { role: t(`roles.${role}`) });
    return <Dead title={t("notForRoleTitle")} detail={detail} home={home} />;
  }
  return <Found />;
}

/** The bare address of the console means "where my work is", whoever asks. */
function Landing({ role }: PagesProps): ReactElement {
  if (role === "administrator") return <AdministratorLanding />;
  return <Navigate to={homeOf(role)} replace />;
}

function Unknown({ role }: PagesProps): ReactElement {
  const { t } = useTranslation("shell");
  const home = homeOf(role);
  return <Dead title={t("unknownTitle")} detail={t("unknown")} home={home} />;
}

/** The page of the present address, for somebody in this role. */
export function Pages({ role }: PagesProps): ReactElement {
  const { t } = useTranslation();
  return (
    <Suspense
      fallback={<Skeleton height={240} className="siphms-late" aria-label={t("loading")} />}
    >
      <Routes>
        {PLACE_NAMES.map((name) => (
          <Route
            key={name}
            path={PLACES[name].path}
            element={
              name === "worklist" && !isFor(name, role) ? (
                <Landing role={role} />
              ) : (
                <Screen name={name} role={role} />
              )
            }
          />
        ))}
        <Route path="*" element={<Unknown role={role} />} />
      </Routes>
    </Suspense>
  );
}
