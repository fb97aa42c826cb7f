import type { ApiAlert } from "@siphms/api";

const AT = Date.UTC(2026, 0, 5, 12);

/** An invented alert for tests: a heart rate of 140, urgent and just raised. @param change - What is different about it. */
export function anAlert(change: Partial<ApiAlert> = {}): ApiAlert {
  return {
    id: "1",
    patient: "ada",
    rule: "limit:heart-rate:value:high",
    channel: "clinical",
    level: "urgent",
    finding: {
      ...{ type: "limit", kind: "heart-rate", part: "value", side: "high" },
      ...{ value: 140, limit: 131 },
    },
    late: false,
    ...{ raised: AT, at: AT, updated: AT },
    step: 0,
    told: [],
    seen: [],
    ...change,
  };
}

/** An invented alert of the technical channel for tests: no blood pressure for a day. */
export function aTechnicalAlert(change: Partial<ApiAlert> = {}): ApiAlert {
  const kind = "blood-pressure";
  return anAlert({
    ...{ id: "2", rule: `no-data:${kind}`, channel: "technical", level: "warn" },
    finding: { type: "no-data", kind, lastAt: AT - 86_400_000, afterMs: 50_400_000 },
    ...change,
  });
}
