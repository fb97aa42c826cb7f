import { patientPartPath, type PatientDevices } from "@siphms/api";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { callApi } from "../../client.ts";

/** How often the page looks while somebody waits for a phone: no administrator has a live stream. */
const WATCH_MS = 2000;

/** The key under which one patient's devices are kept. */
export function devicesKey(patient: string): readonly string[] {
  return ["patient", patient, "devices"];
}

/**
 * One patient's devices, and who the patient is.
 *
 * @param isWatched - Asks again every two seconds, for as long as a phone is waited for.
 */
export function useDevices(patient: string, isWatched: boolean): UseQueryResult<PatientDevices> {
  return useQuery({
    queryKey: devicesKey(patient),
    queryFn: ({ signal }) =>
      callApi<PatientDevices>(patientPartPath(patient, "devices"), { signal }),
    refetchInterval: isWatched ? WATCH_MS : false,
  });
}
