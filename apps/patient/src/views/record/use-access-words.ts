import { useTranslation } from "react-i18next";
import { localeOf } from "../../i18n/locale.ts";
import type { Access } from "../../readings/accesses.ts";

/** What tells of accesses in the person's language. */
export interface AccessWords {
  /** Name and role. */
  readonly who: (access: Pick<Access, "who" | "role">) => string;
  readonly what: (codes: readonly string[]) => string;
  readonly purpose: (code: string) => string;
}

const ROLES = ["doctor", "nurse", "administrator", "privacy-officer", "integration"] as const;
const PURPOSES = ["treatment", "payment", "operations", "break-glass"] as const;
const WHAT = [
  "access-log",
  "alerts",
  "audit",
  "break-glass",
  "care",
  "devices",
  "evidence",
  "evidence-file",
  "live",
  "messages",
  "patient",
  "plan",
  "quarantine",
  "readings",
  "registry",
  "summary",
  "trends",
  "worklist",
] as const;

/** The words for the hospital's codes; one of a newer hospital, which this app does not know, gets a general word. */
export function useAccessWords(): AccessWords {
  const { t, i18n } = useTranslation("record");
  const list = new Intl.ListFormat(localeOf(i18n.language), { type: "conjunction" });
  return {
    who: (access) => {
      const who = isName(access.who)
        ? isolated(access.who)
        : t(access.who === "operator" ? "accesses.operator" : "accesses.somebody");
      const role = ROLES.find((one) => one === access.role);
      return role === undefined
        ? who
        : t("accesses.who", { who, role: t(`accesses.role.${role}`) });
    },
    what: (codes) => {
      const known = codes.map((code) => WHAT.find((one) => one === code) ?? "other");
      return list.format(new Set(known.map((code) => t(`accesses.what.${code}`))));
    },
    purpose: (code) => t(`accesses.purpose.${PURPOSES.find((one) => one === code) ?? "other"}`),
  };
}

/** A name in Latin letters does not turn the Arabic words beside it round. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** Whom the hospital cannot name any more stands there by a number alone. */
function isName(who: string): boolean {
  return who !== "operator" && !/^(staff|device|hospital)(:|$)/.test(who);
}
