/** English texts of the frame: bar, strip, language, what stands on every screen. */
export const frame = {
  app: "SIPHMS",
  tabs: { today: "Today", sensors: "Sensors", record: "Record", safety: "Safety" },
} as const;
