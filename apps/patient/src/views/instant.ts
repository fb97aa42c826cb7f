/** An instant as a sentence names it: the time, with the date unless it is today's. */
export function instantOf(ms: number, now: number, locale: string): string {
  const isToday = new Date(ms).toDateString() === new Date(now).toDateString();
  const style = isToday
    ? { timeStyle: "short" as const }
    : { dateStyle: "medium" as const, timeStyle: "short" as const };
  return new Intl.DateTimeFormat(locale, style).format(ms);
}
