import { CONSOLE_PATHS, type Activity, type ReviewWeek } from "@siphms/api";
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { callApi } from "../../client.ts";

const KEY = "activity";

/** What everybody did in a week; without one that which is to be reviewed next. Each look is noted: none is made by itself. */
export function useActivity(week: string | undefined): UseQueryResult<Activity> {
  return useQuery({
    queryKey: [KEY, week],
    queryFn: ({ signal }) =>
      callApi<Activity>(
        week === undefined ? CONSOLE_PATHS.activity : `${CONSOLE_PATHS.activity}?week=${week}`,
        { signal },
      ),
    // While another week is fetched the one before stays on the screen.
    placeholderData: (before) => before,
    gcTime: 0,
  });
}

/**
 * Closes a week; asks for a proof of who it is.
 *
 * @param stay - Told which week it was: asked without one, the hospital would go on to the next.
 */
export function useReviewWeek(
  stay: (week: string) => void,
): UseMutationResult<unknown, Error, ReviewWeek> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ReviewWeek) => callApi(CONSOLE_PATHS.reviewWeek, { method: "POST", body }),
    // What it stumbled over may be new to this page.
    onSettled: (_answer, _error, { week }) => {
      stay(week);
      return queries.invalidateQueries({ queryKey: [KEY, week] });
    },
  });
}
