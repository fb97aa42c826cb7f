/** What a row is called: the letters say which rule it is of, as `docs/reference` explains. */
const ROW_ID = /^(?:HS|HP|HB|HH|HN|SR)-[0-9A-Za-z]+$/;

/** Which column of a reference table holds what. A table without an `Id` in its first column is none of these. */
const COLUMNS = {
  citation: ["45 CFR", "Source", "Proposed"],
  asks: ["Requirement in brief", "Requirement", "Proposal in brief"],
  binding: [""],
  duty: ["Stays with operator"],
  helps: ["Row"],
} as const;

/** One row of a reference page: what some rule or standard asks for. */
export interface ReferenceRow {
  readonly id: string;
  /** The page's title and the heading above the table. */
  readonly page: string;
  readonly section: string;
  readonly citation: string;
  readonly asks: string;
  /** `R`, `R*`, `A`, `P` or `-` as the page explains; empty where its table has no such column. */
  readonly binding: string;
  /** What stays with whoever runs an installation; empty where the page names nothing. */
  readonly duty: string;
  /** Rows of the other page that this one helps, as written there. */
  readonly helps: string;
}

function cellsOf(line: string): string[] {
  const inside = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/**
 * Reads the rows of a reference page out of its tables.
 *
 * @param text - The page, in Markdown.
 * @returns Its rows in their order.
 * @throws {Error} naming the line of a table that has no citation or requirement, of a row that is not as wide as its
 *   table, and of an id that is none or stands there twice.
 */
export function parseReferenceRows(text: string): ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  const seen = new Set<string>();
  let page = "";
  let section = "";
  let columns: string[] | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const at = `line ${index + 1}`;
    if (line.startsWith("# ")) page = line.slice(2).trim();
    if (line.startsWith("## ")) section = line.slice(3).trim();
    if (!line.startsWith("|")) columns = undefined;
    else if (columns === undefined) columns = cellsOf(line);
    else if (columns[0] === "Id" && !/^[|\s:-]+$/.test(line)) {
      const row = { page, section, ...rowOf(columns, cellsOf(line), at) };
      if (seen.has(row.id)) throw new Error(`${at}: ${row.id} stands there twice`);
      seen.add(row.id);
      rows.push(row);
    }
  }
  return rows;
}

function rowOf(
  columns: readonly string[],
  cells: readonly string[],
  at: string,
): Omit<ReferenceRow, "page" | "section"> {
  if (cells.length !== columns.length) throw new Error(`${at}: not as many cells as its table`);
  const [id = ""] = cells;
  if (!ROW_ID.test(id)) throw new Error(`${at}: no id of a row: ${id}`);
  const cell = (names: readonly string[]): string | undefined => {
    const place = columns.findIndex((column) => names.includes(column));
    return place < 0 ? undefined : cells[place];
  };
  const citation = cell(COLUMNS.citation);
  const asks = cell(COLUMNS.asks);
  if (citation === undefined || asks === undefined) {
    throw new Error(`${at}: its table has no column for the citation, or none for what is asked`);
  }
  const duty = cell(COLUMNS.duty) ?? "";
  return {
    id,
    citation: columns.includes("Proposed") ? `proposed: 164${citation}` : citation,
    asks,
    binding: cell(COLUMNS.binding) ?? "",
    duty: duty === "n/a" ? "" : duty,
    helps: cell(COLUMNS.helps) ?? "",
  };
}
