/** What the data file says of one row. */
export interface RowNote {
  /** What does it here: only what is so. */
  readonly here: string;
  /** Whether that is only a part of what the row asks for; `here` says which, or what is missing. */
  readonly part?: true;
  /** What stays with the operator, where the reference page says too little. */
  readonly operator?: string;
}

/** `docs/hipaa-rows.json`. */
export interface RowNotes {
  /** Rows that need at least one passing test. */
  readonly due: readonly string[];
  /** Rows of which nothing is the software's. */
  readonly operatorOnly: readonly string[];
  readonly rows: Readonly<Record<string, RowNote>>;
}

const MEMBERS = ["due", "operatorOnly", "rows"];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isMember(name: string, value: unknown): boolean {
  if (name === "part") return value === true;
  return ["here", "operator"].includes(name) && typeof value === "string" && value !== "";
}

function isNote(value: unknown): value is RowNote {
  return (
    isRecord(value) &&
    Object.entries(value).every(([name, entry]) => isMember(name, entry)) &&
    "here" in value
  );
}

/**
 * Reads the data file.
 *
 * @throws {Error} naming what is not in its form.
 */
export function parseRowNotes(text: string): RowNotes {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error("the data file is no object");
  const { due, operatorOnly, rows } = value;
  const others = Object.keys(value).filter((name) => !MEMBERS.includes(name));
  if (others.length > 0) throw new Error(`the data file has unknown members: ${others.join(", ")}`);
  if (!isTexts(due)) throw new Error("`due` is no list of rows");
  if (!isTexts(operatorOnly)) throw new Error("`operatorOnly` is no list of rows");
  if (!isRecord(rows)) throw new Error("`rows` is no object");
  const notes: Record<string, RowNote> = {};
  for (const [id, note] of Object.entries(rows)) {
    if (!isNote(note)) throw new Error(`${id} has no text \`here\`, or more than that`);
    notes[id] = note;
  }
  return { due, operatorOnly, rows: notes };
}
