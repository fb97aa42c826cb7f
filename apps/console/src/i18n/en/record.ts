/** English texts of a patient's page. */
export const record = {
  tabs: {
    vitals: "Vital signs",
    alerts: "Alerts",
    plan: "Limits",
    messages: "Messages",
    devices: "Devices",
    quarantine: "Quarantine",
  },
  notFoundHelp:
    "Only patients in your care are shown to you. In an emergency you can open another record for an hour, with a reason that will be reviewed.",
  emergency: "Emergency access",
  breakGlass_one:
    "Open in an emergency, {{count}} minute left (until {{time}}). This look will be reviewed.",
  breakGlass_other:
    "Open in an emergency, {{count}} minutes left (until {{time}}). This look will be reviewed.",
  breakGlassOver: "The emergency access ended at {{time}}. Nothing new comes any more.",
  presets: {
    "1h": "1 hour",
    "6h": "6 hours",
    "24h": "Day",
    "7d": "Week",
    "30d": "Month",
    all: "All",
  },
  move: "Move and zoom the charts",
  earlier: "Earlier",
  later: "Later",
  zoomIn: "Show less time",
  zoomOut: "Show more time",
  newest: "Now",
  newestHelp: "Show the newest values and go on with the clock",
  goToDay: "Go to a day",
  print: "Print",
  shown: "From {{from}} to {{to}}",
  chartHelp:
    "Drag a chart or use the arrow keys to move, Ctrl and the wheel or + and − to zoom, Shift and the arrow keys to go from value to value, End for now.",
  behind: "Loading the values of this time. The charts show another time still.",
  rows: "The newest {{shown}} of {{total}} rows.",
  moreRows: "More rows",
  evidence: "Evidence",
  original: "Signed original",
};
