/**
 * The locale for times and numbers: the browser's own of this language, so that a clock of 24 hours stays one. Western
 * digits in every language: they are what monitors and meters show.
 */
export function localeOf(
  language: string,
  browserLocales: readonly string[] = navigator.languages,
): string {
  const own = browserLocales.find((tag) => tag.slice(0, 2) === language) ?? language;
  return language === "ar" ? `${own.split("-u-")[0] ?? own}-u-nu-latn` : own;
}
