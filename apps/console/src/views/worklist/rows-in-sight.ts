/** How a list of rows of one height lies in its window; lengths in px. */
export interface Lie {
  readonly rows: number;
  readonly rowHeight: number;
  /** From the window's upper edge to the list's, negative where the list begins above. */
  readonly top: number;
  readonly windowHeight: number;
}

/** The rows to draw: from the first to before the end. */
export interface Sight {
  readonly first: number;
  readonly end: number;
}

/** Rows drawn beyond each edge, so that a turn of the wheel does not show emptiness. */
const BEYOND = 2;
/** The edge moves by so many at once: not every row that scrolls by is a change. */
const STEP = 2;

/** Which rows are in sight, and a few around them. */
export function rowsInSight({ rows, rowHeight, top, windowHeight }: Lie): Sight {
  const begin = Math.floor(-top / rowHeight) - BEYOND;
  const end = Math.ceil((windowHeight - top) / rowHeight) + BEYOND;
  return {
    first: clamp(Math.floor(begin / STEP) * STEP, rows),
    end: clamp(Math.ceil(end / STEP) * STEP, rows),
  };
}

function clamp(row: number, rows: number): number {
  return Math.max(0, Math.min(row, rows));
}
