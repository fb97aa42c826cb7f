import type { ApiAlert } from "@siphms/api";

/** One tone of a signal; it swells and fades, so that it does not click. */
export interface Tone {
  readonly frequencyHz: number;
  /** From the beginning of the signal, s. */
  readonly startS: number;
  readonly lengthS: number;
}

/**
 * The signals of the console: its own, and none that a medical device uses. What is urgent is higher, quicker and longer, so
 * that the two are told apart without a look.
 */
export const SIGNALS: Readonly<Record<ApiAlert["level"], readonly Tone[]>> = {
  urgent: [880, 1_175, 880, 1_175, 1_397].map((frequencyHz, index) => ({
    ...{ frequencyHz, startS: index * 0.16, lengthS: 0.12 },
  })),
  warn: [587, 440].map((frequencyHz, index) => ({
    ...{ frequencyHz, startS: index * 0.45, lengthS: 0.38 },
  })),
};

/** Loud enough for a desk, soft enough not to frighten; 1 is as loud as the machine goes. */
const GAIN = 0.35;
const EDGE_S = 0.02;

/** Plays a signal at once. */
export function playSignal(context: BaseAudioContext, signal: readonly Tone[]): void {
  for (const { frequencyHz, startS, lengthS } of signal) {
    const begin = context.currentTime + startS;
    const end = begin + lengthS;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "triangle";
    tone.frequency.value = frequencyHz;
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(GAIN, begin + EDGE_S);
    volume.gain.setValueAtTime(GAIN, end - EDGE_S);
    volume.gain.linearRampToValueAtTime(0, end);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(end);
  }
}
