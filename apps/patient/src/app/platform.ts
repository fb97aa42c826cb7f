/** Whether this is one of Apple's phones or tablets, which evict what web apps keep. An iPad calls itself a Mac with a touch screen. */
export function isApplePhone(userAgent: string, touchPoints: number = touchPointsHere()): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1);
}

/** A name by which staff know a phone among a patient's devices; the browser tells no more of it than its kind. */
export function deviceNameOf(userAgent: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/iPad/, "iPad"],
    [/iPhone|iPod/, "iPhone"],
    [/Android/, "Android phone"],
    [/Windows/, "Windows computer"],
    [/Macintosh/, "Mac"],
    [/CrOS/, "Chromebook"],
    [/Linux/, "Linux computer"],
  ];
  return kinds.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "Web browser";
}

function touchPointsHere(): number {
  return navigator.maxTouchPoints;
}
