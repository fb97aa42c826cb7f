import { MAX_TEXT } from "./limits.ts";

const FORM = /^\d{1,16}(?:-\d{1,16})?(?:,\d{1,16}(?:-\d{1,16})?)*$/;

/** Sequences from `first` to `last`, both included. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Writes which sequences of an instance are missing because what they told of was rolled back: `17,19-21`.
 *
 * @param sequences - In any order.
 * @returns As many texts as it takes for none to be longer than an entry's text may be: each is the `object` of one
 *   entry {@link LOG_EVENTS.abandoned}.
 */
export function sequencesTexts(sequences: readonly number[]): readonly string[] {
  const texts: string[] = [];
  for (const { first, last } of rangesOf(sequences)) {
    const range = first === last ? String(first) : `${first}-${last}`;
    const joined = `${texts.at(-1) ?? ""},${range}`;
    if (texts.length > 0 && joined.length <= MAX_TEXT) texts[texts.length - 1] = joined;
    else texts.push(range);
  }
  return texts;
}

/** Reads a text of {@link sequencesTexts}; `undefined` for any other. */
export function parseSequences(text: string): readonly SequenceRange[] | undefined {
  if (!FORM.test(text)) return undefined;
  const ranges = text.split(",").map((part) => {
    const [first = NaN, last = first] = part.split("-").map(Number);
    return { first, last };
  });
  const isRising = ranges.every(
    ({ first, last }, at) =>
      first <= last && Number.isSafeInteger(last) && first > (ranges[at - 1]?.last ?? -1),
  );
  return isRising ? ranges : undefined;
}

function rangesOf(sequences: readonly number[]): readonly SequenceRange[] {
  const ranges: SequenceRange[] = [];
  for (const sequence of [...new Set(sequences)].sort((a, b) => a - b)) {
    const before = ranges.at(-1);
    if (before?.last === sequence - 1) ranges[ranges.length - 1] = { ...before, last: sequence };
    else ranges.push({ first: sequence, last: sequence });
  }
  return ranges;
}
