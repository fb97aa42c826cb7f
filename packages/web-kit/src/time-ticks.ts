/** Times on an axis in the reader's form; the day stands under the first one of each. */
export function timeTicks(
  seconds: readonly number[],
  format: { readonly time: (atMs: number) => string; readonly day: (atMs: number) => string },
): string[] {
  const days = seconds.map((second) => format.day(second * 1000));
  return seconds.map((second, index) => {
    const time = format.time(second * 1000);
    const day = days[index] ?? "";
    return day === days[index - 1] ? time : `${time}\n${day}`;
  });
}
