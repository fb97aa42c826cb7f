/** The longest text that an entry's member may be, in UTF-16 units. */
export const MAX_TEXT = 200;
