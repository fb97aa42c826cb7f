/** English texts of who is told of alerts, by what way, and of the hospital's own faults. */
export const notify = {
  contact: {
    title: "Where alerts reach me",
    console: "In this console, always, while you are signed in.",
    none: "By e-mail: nowhere.",
    email: "By e-mail:",
    label: "Mail address",
    help: "A message says the level and the time and leads here. Whom it is about and what was found it never says.",
    save: "Send there",
    remove: "Send no e-mail",
    saved: "Saved. From the next alert on e-mail goes there.",
    removed: "No e-mail is sent to you any more.",
    wrong: "This is not a mail address. Write one such as name@hospital.example.",
    off: "This hospital sends no e-mail at present. An address is kept for when it does; until then alerts reach you here alone.",
    altered:
      "Your mail address in the database was changed behind the hospital's back, so nothing is sent there. Set it again, and tell an administrator.",
  },
  escalation: {
    title: "Who is told next",
    intro:
      "Whoever has a patient in their care is told of an alert at once. When nobody acknowledges it in time, it is handed on, step by step, to the people named here. Each of them gets the patient into their care for twelve hours: nobody can act on what they cannot see.",
    nobody: "Nobody is named yet.",
    nobodyHelp:
      "An urgent alert that nobody acknowledges becomes a system alert every 10 minutes, a warning every 60. Name at least one step, so that it comes to somebody who can act.",
    altered: "Who is told next was changed behind the hospital's back, so nobody is told by it.",
    alteredHelp: "Set it again now, and find out who has access to the database.",
    step: "Step {{number}}",
    after: "After {{urgent}} when urgent, after {{warn}} for a warning:",
    last: "When nobody has acknowledged it then either, it becomes a system alert, after as long again.",
    gone: "{{name}} (no active doctor or nurse any more: is told nothing)",
    set: "Set by {{name}}, {{when}}",
    change: "Change",
    edit: "Change who is told next",
    urgentMinutes: "Urgent: after so many minutes",
    warnMinutes: "Warning: after so many minutes",
    people: "Told at this step",
    noPeople: "Nobody yet.",
    add: "Add somebody",
    choose: "Choose a doctor or nurse",
    removePerson: "Remove",
    removePersonOf: "Remove {{name}} from step {{number}}",
    addStep: "Add a step",
    removeStep: "Remove this step",
    removeStepOf: "Remove step {{number}}",
    noSteps: "No step: alerts are handed on to nobody.",
    reason: "Reason",
    reasonHelp: "Kept with the change, for whoever will ask. At least {{min}} characters.",
    reasonShort: "Write at least {{min}} characters.",
    minutesWrong: "A whole number from 1 to 1440.",
    peopleMissing: "Name at least one person.",
    wrong: "Not saved: something above is missing or wrong.",
    conflict:
      "Not saved: somebody has changed it meanwhile, or one of the people is no active doctor or nurse any more. Cancel, look again and change what still makes sense.",
    save: "Save",
    cancel: "Cancel",
    saved: "Saved. It holds from now on, also for alerts that are open.",
  },
  system: {
    title: "System alerts",
    intro:
      "Faults of the hospital that somebody must mend. None of them says anything of a patient.",
    none: "No system alert is open.",
    open_one: "One system alert is open",
    open_other: "{{count}} system alerts are open",
    unknown: "Whether system alerts are open is not known",
    first: "First",
    last: "Last",
    times: "How often",
    acknowledge: "Acknowledge",
    acknowledgeOf: "Acknowledge: {{what}}",
    acknowledgeHelp: "It closes. The next failure opens it again.",
    what: {
      "delivery-failed": "Alerts did not reach somebody",
      "delivery-failed-email": "E-mail about alerts was not delivered",
      "delivery-failed-webhook": "The webhook's receiver was not told of alerts",
      "nobody-to-tell": "Nobody was left to tell of an alert",
      "evaluation-failed": "Readings could not be judged",
      "backup-failed": "No backup could be made",
      "witness-away": "The witness of the audit log is away",
      "witness-refused": "The witness knows another audit log",
      "log-stopped": "Something is wrong with the audit log",
    },
    reason: {
      refused:
        "The server refused the message. Look into its log, and whether address and sender are allowed there.",
      unreachable:
        "The server cannot be reached. Look whether it runs and whether the hospital gets to it.",
      "too-slow":
        "The server did not answer in time. Look how it is loaded and what stands between.",
      certificate:
        "Nobody vouches for the server's certificate, or it names another server. Renew it, or let the hospital's machine know its authority.",
      "no-tls": "The server begins no TLS, so nothing was sent to it. Turn on STARTTLS there.",
      "log-in": "The server did not take user and password. Compare them with the settings.",
      redirected:
        "The receiver sent the message on to another address, which was not followed. Set its new address.",
      "not-configured":
        "This way is in the settings no more. Set it up again, or take the addresses away.",
      "address-altered":
        "Somebody's mail address was changed behind the hospital's back, and nothing was sent there. Run the check below.",
      "not-acknowledged":
        "Everybody was told in turn and nobody has acknowledged it. See who is on duty, and name more steps under Who is told next.",
      "nobody-named":
        "The patient is in nobody's care and nobody is named as next. Set who cares for whom, and name steps under Who is told next.",
      "escalation-altered":
        "Who is told next was changed behind the hospital's back, so nobody was told. Set it again.",
      "evaluation-failed": "An error stopped it more than once. Look into the hospital's log.",
      "backup-not-written":
        "The backups' folder cannot be written. Look whether it is there and has room. Earlier backups are untouched.",
      "backup-failed":
        "An error stopped it. Look into the hospital's log. Earlier backups are untouched.",
      "log-altered":
        "What is stored is not what was signed, so nothing more is signed. Change nothing, and have the person who runs the hospital verify the log: siphms audit verify.",
      "row-forged":
        "A row was put beside the log that no program of the hospital wrote. It is not taken into the log. Find out who can write to the database, and run the check below.",
      "log-waiting":
        "Entries have waited for more than five minutes to be taken into it. Look into the hospital's log, and whether a program holds locks in the database.",
      "key-missing":
        "A patient's key is missing. Run the check below, and restore the key store from its backup.",
      "alert-altered":
        "A stored alert was changed behind the hospital's back. Run the check below.",
      "message-altered":
        "A stored message was changed behind the hospital's back. Run the check below.",
      "patient-altered":
        "A patient's entry was changed behind the hospital's back. Run the check below.",
      "plan-altered":
        "A patient's limits were changed behind the hospital's back; the template for adults holds for that patient. Run the check below, and have a doctor set the limits anew.",
      "state-altered":
        "What was known of a patient was changed behind the hospital's back. Run the check below.",
      "progress-altered":
        "How far readings were judged was changed behind the hospital's back; the last day is judged anew. Run the check below.",
      "progress-locked":
        "Another program holds on to it, or has died while it did. Look which programs use the database, and end what hangs.",
      witness:
        "Look whether its gateway runs and has admitted this hospital with its newest registration. Where it refuses, have the person who runs the hospital verify the log: siphms audit verify.",
      other: "The word in the hospital's log is: {{reason}}",
    },
  },
};
