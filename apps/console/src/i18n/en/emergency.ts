/** English texts of emergency mode. */
export const emergency = {
  title: "Emergency mode: looking only",
  away: "The hospital's server is away; emergency mode runs since {{since}}.",
  copy: "You see a copy that goes up to {{asOf}}.",
  copyUnknown: "You see a copy; how old it is, is not known.",
  cannot:
    "Newer values and alerts are missing, and nothing rings: look after patients at the bedside. Nothing can be changed: write it down until the server is back. Each look is recorded.",
  notHereTitle: "Not in emergency mode",
  notHere:
    "Emergency mode shows the worklist and the records of one's own patients. This page comes back with the hospital's server.",
  refused:
    "Nothing was changed: in emergency mode the records can only be looked at. Write down what has to be done, and do it when the hospital's server is back.",
  notRecorded:
    "Nothing is shown: every look into a record is written down first, and that has failed. Tell whoever runs the server, and try again.",
};
