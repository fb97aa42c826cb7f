/** What went wrong, by code: what happened, what it means, what to do. */
export const problems = {
  INVITATION_MALFORMED:
    "This is no invitation, or a part of it is missing. Scan the hospital's code again, or copy the whole link.",
  INVITATION_EXPIRED:
    "The invitation has expired: it is good for a quarter of an hour. Ask the hospital for a new one.",
  INVITATION_REFUSED:
    "The hospital does not take this invitation: it was used already or is no longer valid. Ask the hospital for a new one.",
  ENROLMENT_REFUSED:
    "The hospital refused to connect this phone. Staff have been told. Ask the hospital for a new invitation.",
  CODE_LIMIT:
    "Three codes were shown for this invitation without success. To keep you safe it is not used any more. Ask the hospital for a new one.",
  ALREADY_ENROLLED: "This phone is connected to a hospital already. Nothing was changed.",
  NOT_ENROLLED: "This phone is not connected to a hospital yet. Scan the hospital's code first.",
  NETWORK_UNREACHABLE:
    "The hospital can't be reached. Check that this phone is online. What you measured is safe here and is sent as soon as it works.",
  NETWORK_TIMEOUT:
    "The hospital's answer did not come in time. The network may be slow. It is tried again by itself.",
  GATEWAY_FAILED:
    "The message service of the hospital has a fault. It is tried again by itself; nothing is lost.",
  GATEWAY_REFUSED:
    "The message service did not take what this phone sent. Update the app; if it stays so, tell the hospital.",
  SLOW_DOWN: "Many phones are sending just now. This one waits a little and tries again by itself.",
  QUEUE_FULL: "The message service is full at the moment. It is tried again by itself.",
  HOSPITAL_AWAY:
    "The message service works, but the hospital is not connected to it just now. It is tried again by itself.",
  HOSPITAL_UNKNOWN:
    "The message service does not know this hospital any more. Ask the hospital what to do.",
  HOSPITAL_KEY_UNKNOWN:
    "The hospital does not use the key any more that this phone knows. Ask the hospital for a new invitation.",
  HOSPITAL_KEY_MISMATCH:
    "Whoever answered does not hold your hospital's key. Nothing was sent. Do not go on; tell the hospital.",
  HANDSHAKE_REFUSED:
    "The hospital does not accept this phone. It may have been taken off your record. Your readings stay here. Call the hospital.",
  HANDSHAKE_FAILED:
    "An answer came that is not genuine. Nothing was sent. It is tried again by itself; if it stays so, tell the hospital.",
  HANDSHAKE_TOO_SLOW:
    "The hospital's answer took too long to be trusted. It is tried again by itself.",
  SESSION_UNANSWERED:
    "The connection ended before the hospital said anything. It is tried again by itself.",
  ABORTED: "This was stopped before it was done. Try again.",
  READINGS_INVALID: "These values cannot be sent. Check them and enter them again.",
  REQUEST_REFUSED: "The hospital did not answer this question. Ask the hospital.",
  REQUEST_UNANSWERED: "The hospital did not answer in time. Try again when this phone is online.",
  RESPONSE_MALFORMED: "The hospital's answer could not be read. Update the app and try again.",
  ITEM_UNKNOWN: "This reading is no longer waiting. It was probably delivered meanwhile.",
  STORE_FAILED:
    "This phone's storage failed. No new readings are taken, so that none gets lost. Free some space, then open the app again.",
  STORE_CORRUPT:
    "What is stored on this phone is damaged and cannot be opened. Call the hospital; you may have to connect this phone anew.",
  PIN_FORM: "A PIN has 6 to 12 digits.",
  PIN_WEAK: "This PIN is easy to guess. Choose another one.",
  VAULT_MISSING: "This phone is not set up yet. Close the app and open it again.",
  VAULT_EXISTS: "This phone is set up already. Close the app and open it again.",
  VAULT_VERSION: "A newer version of this app wrote these data. Update the app.",
  VAULT_INVALID:
    "What keeps your key on this phone is damaged. Call the hospital; you may have to connect this phone anew.",
  VAULT_LAST_METHOD: "This is the only way into the app. Set another one first.",
  PASSKEY_REFUSED: "The phone did not recognise you, or you went back. Try again.",
  PASSKEY_WITHOUT_PRF: "This phone's fingerprint or face can't keep a key for this app. Use a PIN.",
  STORE_FULL:
    "This phone has no more room. No new readings are taken, so that none gets lost. Delete something else, then go on.",
  STORE_BLOCKED:
    "Another tab holds an older version of this app open. Close the other tabs, then open the app again.",
  STORE_NEWER:
    "The app was opened anew or updated in another place. Close this page and open the app again.",
  FAILED:
    "Something failed that should not. Your readings are kept. Close the app and open it again.",
} as const;
