/** One line that is not empty, taken apart. */
export interface CsvLine {
  /** Counted from 1, as an editor shows it. */
  readonly line: number;
  readonly fields: readonly string[];
}

const BYTE_ORDER_MARK = /^\ufeff/;

/** Takes a file apart into lines and fields; fields in double quotes may hold commas. Lines that are empty are left out. */
export function csvLines(text: string): readonly CsvLine[] {
  return text
    .replace(BYTE_ORDER_MARK, "")
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ line: index + 1, fields: fieldsOf(content) }))
    .filter(({ fields }) => fields.some((field) => field !== ""));
}

function fieldsOf(content: string): readonly string[] {
  const fields: string[] = [];
  let field = "";
  let isQuoted = false;
  for (const character of content) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) {
      fields.push(field.trim());
      field = "";
    } else field += character;
  }
  return [...fields, field.trim()];
}
