import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useNavigation } from "../../app/navigation.ts";

/** Each with a drawing of 24 by 24. */
const TABS = [
  ["today", "M3 12h4l2-6 4 12 3-9 1.5 3H21"],
  ["sensors", "M12 20v-3M8.5 13.5a5 5 0 0 1 7 0M5.5 10.5a9 9 0 0 1 13 0M12 4v2"],
  ["record", "M4 20V10m5 10V4m6 16v-7m5 7V7"],
  ["safety", "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"],
] as const;

/** The four main screens, always in reach of a thumb. */
export function BottomBar(): ReactElement {
  const { t } = useTranslation("frame");
  const { place, go } = useNavigation();
  return (
    <nav className="siphms-bar" aria-label={t("bar")}>
      {TABS.map(([name, drawing]) => (
        <button
          key={name}
          type="button"
          className="siphms-tab"
          aria-current={place === name ? "page" : undefined}
          onClick={() => go(name)}
        >
          <svg
            viewBox="0 0 24 24"
            width="24"
            height="24"
            aria-hidden="true"
            className="siphms-icon"
          >
            <path d={drawing} />
          </svg>
          <span>{t(`tabs.${name}`)}</span>
        </button>
      ))}
    </nav>
  );
}
