/** What {@link demoAnnouncement} tells of. */
export interface DemoAnnouncement {
  /** Invitation for a device of the newcomer's own; its link is a page of the patient app's origin. */
  readonly invitation: { readonly link: string; readonly until: string };
  /** Medical record number of the patient for whom it is. */
  readonly guest: string;
  readonly doctor: { readonly name: string; readonly link: string; readonly until: string };
  readonly gateway: string;
  /** Whether the patient app is built: else its origin has a page for people with a command line. */
  readonly hasApp: boolean;
  /** The demo's own integration account: its key file, for commands about patients. */
  readonly keyFile: string;
  /** Data folder, where it is not the default. */
  readonly data?: string;
}

/** Says in lines what a newcomer can do with a running demo: open the app as a patient, the console as a doctor. */
export function demoAnnouncement(facts: DemoAnnouncement): readonly string[] {
  const { doctor, gateway, hasApp } = facts;
  return [
    ...(hasApp ? appLines(facts) : deviceLines(facts)),
    `Gateway: ${gateway}`,
    `Console, as ${doctor.name}; the link is good once, until ${doctor.until}:`,
    `  ${doctor.link}`,
    `Another link: siphms staff add "${doctor.name}" --role doctor. Ctrl-C stops everything.`,
  ];
}

function appLines({ guest, invitation, keyFile, data }: DemoAnnouncement): readonly string[] {
  const folder = data === undefined ? "" : ` --data '${data}'`;
  return [
    `Patient app, invited as patient ${guest}; open it in Chrome or Chromium on this machine. Good once, until ${invitation.until}:`,
    `  ${invitation.link}`,
    "It shows six digits. Confirm them in the console, or in another terminal with the demo's own key:",
    `  npx --no-install siphms login --key '${keyFile}'${folder}`,
    `  npx --no-install siphms enrolment confirm ${guest} DIGITS${folder}`,
  ];
}

function deviceLines({ guest, invitation }: DemoAnnouncement): readonly string[] {
  return [
    `Invitation for a device of your own (patient ${guest}), good once, until ${invitation.until}:`,
    `  ${invitation.link}`,
    "The patient app is not built here (npm run build); the link works with siphms device enrol.",
  ];
}
