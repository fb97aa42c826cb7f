import type { PersonRole, Role } from "@siphms/api";

const CARE: readonly PersonRole[] = ["doctor", "nurse"];
const EVERYBODY: readonly PersonRole[] = ["doctor", "nurse", "administrator", "privacy-officer"];

/** The parts of the rail, in their order; a part without a name of its own comes first. */
export const GROUPS = ["work", "administration", "privacy", "self"] as const;

/** One part of the rail. */
export type Group = (typeof GROUPS)[number];

/**
 * Every address of the console: whom it is for, and where it stands in the rail (nowhere for a page about one patient).
 * The hospital judges each request by itself: this list only keeps people from pages that would be empty for them.
 */
export const PLACES = {
  worklist: { path: "/", roles: CARE, group: "work" },
  alerts: { path: "/alerts", roles: CARE, group: "work" },
  patient: { path: "/patients/:id", roles: CARE },
  evidence: { path: "/patients/:id/evidence/:messageId", roles: CARE },
  register: { path: "/register", roles: [...CARE, "administrator"], group: "work" },
  emergency: { path: "/emergency", roles: CARE, group: "work" },
  start: { path: "/admin/start", roles: ["administrator"], group: "administration" },
  people: { path: "/admin/people", roles: ["administrator"], group: "administration" },
  care: { path: "/admin/care", roles: ["administrator"], group: "administration" },
  escalation: { path: "/admin/escalation", roles: ["administrator"], group: "administration" },
  patients: { path: "/admin/patients", roles: ["administrator"], group: "administration" },
  gateways: { path: "/admin/gateways", roles: ["administrator"], group: "administration" },
  system: { path: "/admin/system", roles: ["administrator"], group: "administration" },
  reviews: { path: "/privacy/reviews", roles: ["privacy-officer"], group: "privacy" },
  activity: { path: "/privacy/activity", roles: ["privacy-officer"], group: "privacy" },
  audit: { path: "/privacy/audit", roles: ["privacy-officer"], group: "privacy" },
  accessLog: { path: "/privacy/access-log", roles: ["privacy-officer"], group: "privacy" },
  account: { path: "/account", roles: EVERYBODY, group: "self" },
} as const satisfies Readonly<Record<string, Place>>;

interface Place {
  readonly path: `/${string}`;
  readonly roles: readonly PersonRole[];
  readonly group?: Group;
}

/** The name of an address. */
export type PlaceName = keyof typeof PLACES;

/** All names, in the order of the rail. */
export const PLACE_NAMES = Object.keys(PLACES) as readonly PlaceName[];

/** Whether a page is for somebody in this role. */
export function isFor(name: PlaceName, role: Role): boolean {
  const { roles }: Place = PLACES[name];
  return roles.some((one) => one === role);
}

/** The places of one part of the rail for a role. */
export function railOf(group: Group, role: Role): readonly PlaceName[] {
  return PLACE_NAMES.filter((name) => {
    const place: Place = PLACES[name];
    return place.group === group && isFor(name, role);
  });
}

/** Whether somebody in this role looks after patients: only then the page holds a list of them. */
export function isCaring(role: Role): boolean {
  return CARE.some((one) => one === role);
}

const LANDINGS: Readonly<Record<Role, PlaceName>> = {
  doctor: "worklist",
  nurse: "worklist",
  administrator: "people",
  "privacy-officer": "reviews",
  integration: "account",
};

/** The address at which a role's work begins. */
export function homeOf(role: Role): string {
  return PLACES[LANDINGS[role]].path;
}
