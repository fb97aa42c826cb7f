/** Where a command writes: results to standard output, everything for a person's eyes meanwhile to standard error. */
export interface Output {
  /** A line of the result. */
  print(line: string): void;
  /** A line about what goes on. */
  note(line: string): void;
  /** Whether a person sits at a terminal. */
  readonly isTerminal: boolean;
}

/** The process's own streams. */
export const standardOutput: Output = {
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY,
};

/** Says on standard error that something goes on, once it takes more than a second. */
export async function withProgress<T>(output: Output, what: string, task: Promise<T>): Promise<T> {
  const timer = setTimeout(() => output.note(`${what} ...`), 1_000);
  try {
    return await task;
  } finally {
    clearTimeout(timer);
  }
}

/** Puts rows under each other in columns as wide as their widest field. What people typed stands there as text alone. */
export function table(typed: readonly (readonly string[])[]): string {
  const rows = typed.map((row) => row.map(inert));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, field] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, field.length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((field, column) => field.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Takes out of a text what could move a terminal's cursor, colour it or write elsewhere: somebody typed it (SR-47). */
function inert(text: string): string {
  return text.replaceAll(/\s*[\r\n]\s*/g, " ").replaceAll(/\p{Cc}/gu, "\u{FFFD}");
}
