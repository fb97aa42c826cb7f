import { Badge } from "@mantine/core";
import { CONSOLE_PATHS, type StaffNotices } from "@siphms/api";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../client.ts";

/** Under which name the query cache keeps {@link useNotices}. */
export const NOTICES_KEY = ["staff-notices"] as const;

/** How often the page looks for new notices by itself. */
const LOOK_MS = 60_000;

/** What the signed-in person should know about the own account, newest first. */
export function useNotices(): UseQueryResult<StaffNotices> {
  return useQuery({
    queryKey: NOTICES_KEY,
    queryFn: ({ signal }) => callApi<StaffNotices>(CONSOLE_PATHS.staffNotices, { signal }),
    refetchInterval: LOOK_MS,
  });
}

/** How many notices of the own account are unread; nothing where there are none. Stands beside the link to the account. */
export function NoticesBadge(): ReactElement | null {
  const { t } = useTranslation("session");
  const { data } = useNotices();
  const count = data?.notices.filter(({ seen }) => !seen).length ?? 0;
  if (count === 0) return null;
  return (
    <Badge
      size="sm"
      variant="filled"
      color="var(--siphms-pending)"
      role="img"
      aria-label={t("account.unread", { count })}
    >
      {count}
    </Badge>
  );
}
