import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { ar } from "./ar/index.ts";
import { en } from "./en/index.ts";

/** The languages that are here, with their own names and writing direction. */
export const LANGUAGES = [
  { code: "en", name: "English", dir: "ltr" },
  { code: "ar", name: "العربية", dir: "rtl" },
] as const;

/** One of the console's languages. */
export type Language = (typeof LANGUAGES)[number]["code"];

const STORED_LANGUAGE = "siphms-language";

function preferredLanguage(): Language {
  const wanted = localStorage.getItem(STORED_LANGUAGE) ?? navigator.language.slice(0, 2);
  return LANGUAGES.find(({ code }) => code === wanted)?.code ?? "en";
}

/** Loads the texts; the language is the one chosen last, else the browser's, else English. */
export async function startI18n(): Promise<Language> {
  const language = preferredLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    defaultNS: "common",
    resources: { en, ar },
    // React escapes what it shows. In a right-to-left sentence each name, date and number keeps its own direction: it is
    // set apart with FSI and PDI (Unicode Bidirectional Algorithm, isolates).
    interpolation: {
      escape: (text: string) => (i18next.dir() === "rtl" ? `\u2068${text}\u2069` : text),
    },
  });
  applyLanguage(language);
  return language;
}

/** Changes the language of the page, its direction included, and remembers it in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED_LANGUAGE, language);
  await i18next.changeLanguage(language);
  applyLanguage(language);
}

function applyLanguage(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES.find(({ code }) => code === language)?.dir ?? "ltr";
}
