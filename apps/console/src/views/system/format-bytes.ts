import i18next from "i18next";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEP = 1000;

/** A number of bytes in the largest unit in which it is one or more, in the reader's language. */
export function formatBytes(bytes: number): string {
  const step = bytes < STEP ? 0 : Math.floor(Math.log10(bytes) / 3);
  const index = Math.min(step, UNITS.length - 1);
  const locale = i18next.language === "ar" ? "ar-u-nu-latn" : i18next.language;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[index] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: 1,
  }).format(bytes / STEP ** index);
}
