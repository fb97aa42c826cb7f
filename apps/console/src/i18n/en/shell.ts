/** English texts of the frame: the rail, and pages that are none. */
export const shell = {
  rail: "Console",
  menu: "Menu",
  closeMenu: "Close the menu",
  groups: {
    work: "Patients",
    administration: "Administration",
    privacy: "Privacy",
    self: "Me",
  },
  places: {
    worklist: "Worklist",
    alerts: "Alerts",
    patient: "Patient",
    evidence: "Evidence of a reading",
    register: "Register patient",
    emergency: "Emergency access",
    start: "First steps",
    people: "People",
    care: "Care",
    escalation: "Who is told next",
    patients: "Patients",
    gateways: "Gateways",
    system: "System",
    reviews: "Reviews",
    accessLog: "Access log",
    account: "My account",
  },
  roles: {
    doctor: "Doctor",
    nurse: "Nurse",
    administrator: "Administrator",
    "privacy-officer": "Privacy officer",
    integration: "Integration",
  },
  home: "To where your work is",
  notForRoleTitle: "This page is not for your role",
  notForRole:
    "You are signed in as: {{role}}. This page belongs to another role. If you need it, ask an administrator.",
  unknownTitle: "There is no such page",
  unknown: "The address leads nowhere in this console. It may be mistyped, or of another version.",
  problem: {
    network:
      "The hospital can't be reached. Whether this was done is not known: look at the page again before you repeat it.",
    notAllowed: "This is not for your role. Nothing was changed.",
    page: "This page failed. Load it again; nothing that the hospital holds was lost.",
  },
};
