import type { ChangeRule, LimitRule, NoDataRule, Plan, TemplateName } from "./plan.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A warning that no second value in a row confirms sooner. */
const WARN_FOR_MS = 15 * MINUTE_MS;
/** What is measured twice a day has been left out once; two hours of grace. */
const TWICE_A_DAY_MS = 14 * HOUR_MS;
const DAILY_MS = 26 * HOUR_MS;
const SIX_HOURLY_MS = 8 * HOUR_MS;

/** The templates, that for adults in general first. */
export const TEMPLATE_NAMES: readonly TemplateName[] = [
  "adult",
  "copd",
  "diabetes",
  "heart-failure",
  "hypertension",
  "infection",
];

type Bounds = readonly [warn: number | null, urgent: number | null];

interface Watched {
  readonly kind: LimitRule["kind"];
  readonly part?: LimitRule["part"];
  readonly low?: Bounds;
  readonly high?: Bounds;
  readonly hysteresis: number;
}

/**
 * Starting values for adults at rest at home (docs/reference/vital-signs.md, section 2): urgent wherever NEWS2 gives a single 3.
 *
 * "Above 180" stands here as 181, "below 70 mg/dL" as 69.9: a limit is passed by a value at or beyond it, and these are the
 * next values that can be measured.
 */
const ADULT: readonly Watched[] = [
  { kind: "heart-rate", low: [50, 40], high: [91, 131], hysteresis: 3 },
  { kind: "pulse-rate", low: [50, 40], high: [91, 131], hysteresis: 3 },
  { kind: "blood-pressure", part: "systolic", low: [100, 90], high: [140, 181], hysteresis: 4 },
  { kind: "blood-pressure", part: "diastolic", high: [90, 121], hysteresis: 4 },
  { kind: "blood-pressure", part: "mean", low: [64, 59], hysteresis: 3 },
  { kind: "spo2", low: [95, 91], hysteresis: 1 },
  { kind: "respiratory-rate", low: [11, 8], high: [21, 25], hysteresis: 1 },
  { kind: "body-temperature", low: [36, 35], high: [38.1, 39.1], hysteresis: 0.2 },
  { kind: "glucose", low: [69.9, 53.9], high: [180.1, 250.1], hysteresis: 5 },
  { kind: "consciousness", high: [null, 1], hysteresis: 0 },
];

/** For a target of 88 to 92 %: NEWS2's second scale. */
const SPO2_SCALE_2: Watched = { kind: "spo2", low: [87, 83], hysteresis: 1 };

const WEIGHT_GAIN: ChangeRule = {
  kind: "body-weight",
  part: "value",
  direction: "rise",
  by: 2,
  withinMs: 3 * DAY_MS,
  level: "warn",
};

const ADULT_NO_DATA: readonly NoDataRule[] = [
  { kind: "blood-pressure", afterMs: TWICE_A_DAY_MS },
  { kind: "spo2", afterMs: TWICE_A_DAY_MS },
  { kind: "body-temperature", afterMs: DAILY_MS },
];

const INFECTION_NO_DATA: readonly NoDataRule[] = (
  ["heart-rate", "blood-pressure", "spo2", "respiratory-rate", "body-temperature"] as const
).map((kind) => ({ kind, afterMs: SIX_HOURLY_MS }));

/**
 * A plan to begin with. Every number in it is a proposal that a clinician changes for the patient.
 *
 * `copd` is for confirmed hypercapnic respiratory failure (target 88 to 92 %): choosing it orders NEWS2's SpO2 scale 2.
 */
export function planTemplate(name: TemplateName): Plan {
  return TEMPLATES[name];
}

function makeTemplate(name: TemplateName): Plan {
  const adult: Plan = {
    template: name,
    limits: limitsOf(ADULT),
    changes: [],
    news2: {
      spo2Scale: 1,
      warnFrom: 5,
      urgentFrom: 7,
      singleThree: null,
      carryForwardMs: 4 * HOUR_MS,
    },
    noData: ADULT_NO_DATA,
    device: { silentAfterMs: 13 * HOUR_MS, batteryBelow: 15, gaps: true },
  };
  return { ...adult, ...DIFFERENCES[name](adult) };
}

const DIFFERENCES: Readonly<Record<TemplateName, (adult: Plan) => Partial<Plan>>> = {
  adult: () => ({}),
  copd: ({ news2 }) => ({
    limits: limitsOf(ADULT.map((number) => (number.kind === "spo2" ? SPO2_SCALE_2 : number))),
    news2: news2 === null ? null : { ...news2, spo2Scale: 2 },
  }),
  diabetes: ({ noData }) => ({
    noData: [...noData, { kind: "glucose", afterMs: TWICE_A_DAY_MS }],
  }),
  "heart-failure": ({ noData }) => ({
    changes: [WEIGHT_GAIN],
    noData: [...noData, { kind: "body-weight", afterMs: DAILY_MS }],
  }),
  hypertension: () => ({ noData: [{ kind: "blood-pressure", afterMs: TWICE_A_DAY_MS }] }),
  infection: ({ device }) => ({
    noData: INFECTION_NO_DATA,
    device: { ...device, silentAfterMs: SIX_HOURLY_MS - HOUR_MS },
  }),
};

function limitsOf(numbers: readonly Watched[]): readonly LimitRule[] {
  return numbers.flatMap(({ kind, part = "value", low, high, hysteresis }) =>
    (["low", "high"] as const).flatMap((side): readonly LimitRule[] => {
      const bounds = side === "low" ? low : high;
      if (bounds === undefined) return [];
      const [warn, urgent] = bounds;
      return [{ kind, part, side, warn, urgent, hysteresis, forMs: WARN_FOR_MS }];
    }),
  );
}

/** The same object each time, so that what is found out about a plan is found out once. Nobody can change it. */
const TEMPLATES: Readonly<Record<TemplateName, Plan>> = {
  adult: freeze(makeTemplate("adult")),
  copd: freeze(makeTemplate("copd")),
  diabetes: freeze(makeTemplate("diabetes")),
  "heart-failure": freeze(makeTemplate("heart-failure")),
  hypertension: freeze(makeTemplate("hypertension")),
  infection: freeze(makeTemplate("infection")),
};

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
