import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { en } from "./en/index.ts";

/** The languages that are here, with their own names and writing direction. */
export const LANGUAGES = [
  { code: "en", name: "English", dir: "ltr" },
  { code: "ar", name: "العربية", dir: "rtl" },
] as const;

/** One of the app's languages. */
export type Language = (typeof LANGUAGES)[number]["code"];

/** Which language somebody reads says nothing about their health: it may lie outside the vault. */
const STORED_LANGUAGE = "siphms-language";

/** The writing direction of a language, left to right for one that is not here. */
export function directionOf(language: string): "ltr" | "rtl" {
  return LANGUAGES.find(({ code }) => code === language)?.dir ?? "ltr";
}

/** The texts of a language, each loaded when it is first wanted. A key that only one of them has does not compile. */
const TEXTS: Readonly<
  Record<Language, () => Promise<{ readonly [Name in keyof typeof en]: object }>>
> = {
  en: async () => (await import("./en/index.ts")).en,
  ar: async () => (await import("./ar/index.ts")).ar,
};

/** Loads the texts; the language is the one chosen last, else the browser's, else English. */
export async function startI18n(): Promise<void> {
  const language = preferredLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    defaultNS: "frame",
    resources: { [language]: await TEXTS[language]() },
    // Without it each text of a language that has no such ending would be looked for in a language that is not here.
    fallbackLng: false,
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  });
  applyLanguage(i18next.language);
}

/** Changes the language of the page, its direction included, and remembers it in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED_LANGUAGE, language);
  for (const [name, texts] of Object.entries(await TEXTS[language]())) {
    i18next.addResourceBundle(language, name, texts);
  }
  await i18next.changeLanguage(language);
  applyLanguage(language);
}

function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(STORED_LANGUAGE) ?? "", ...navigator.languages];
  const codes = wanted.map((tag) => LANGUAGES.find(({ code }) => code === tag.slice(0, 2))?.code);
  return codes.find((code) => code !== undefined) ?? "en";
}

function applyLanguage(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}
