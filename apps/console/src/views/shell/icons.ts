import type { PlaceName } from "./places.ts";

/** A drawing of 24 by 24 for each place of the rail; it stands beside the word, never alone. */
export const ICONS: Readonly<Partial<Record<PlaceName, string>>> = {
  worklist: "M3 12h4l2-6 4 12 3-9 1.5 3H21",
  alerts: "M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9M10 20a2.2 2.2 0 0 0 4 0",
  register:
    "M15 20v-1a4 4 0 0 0-4-4H7a4 4 0 0 0-4 4v1M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7m9-3v6m3-3h-6",
  emergency:
    "M12 9v4m0 4h.01M10.3 4 2.7 17a2 2 0 0 0 1.7 3h15.2a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0z",
  start: "M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2",
  people:
    "M16 20v-1a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v1M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7m13 9v-1a4 4 0 0 0-3-3.9M16 4.1a3.5 3.5 0 0 1 0 6.8",
  care: "M12 20s-8-4.6-8-10.3A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.7C20 15.4 12 20 12 20z",
  escalation: "M4 20v-6h5v6m0-6V9h5v11m0-11V4h6v16",
  patients: "M4 5h16M4 12h16M4 19h10",
  gateways: "M4 14h16v6H4zm3 3h.01M12 14V9m-4.2-.7a6 6 0 0 1 8.4 0M5 5.5a10 10 0 0 1 14 0",
  system: "M4 20V10m5 10V4m6 16v-7m5 7V7",
  reviews: "M9 12l2 2 4-4m-3-9 7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z",
  activity: "M8 2v4m8-4v4M3 9h18M5 4h14a2 2 0 0 1 2 2v14H3V6a2 2 0 0 1 2-2zm4 11 2 2 4-4",
  audit: "M10.5 18a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15m5.3-2.2L21 21M7.5 8.5h6m-6 4h4",
  accessLog: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zm10 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  account: "M19 20v-1a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v1m7-9a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
};
