/** English texts of what stands in front of the app: starting, connecting, what is missing. */
export const welcome = {
  starting: "Opening",
  title: "Connect this phone to your hospital",
  intro:
    "Your readings are locked on this phone, and only your hospital can open them. To begin you need the code that your hospital gave you.",
  scan: "Scan the code with the camera",
  picture: "Choose a picture of the code",
  pasteLabel: "Or paste the link of the invitation",
  pasteButton: "Go on",
  noCodeInPicture: "There is no code in this picture. Take a sharp picture of the whole code.",
  noCamera:
    "The camera can't be used. Allow it in the browser's settings, or choose a picture, or paste the link.",
  cameraRunning: "Hold the camera over the code.",
  stopCamera: "Stop the camera",
  notMedicalDevice:
    "Not a medical device and not for emergencies. In an emergency call your local emergency number.",
  hospital: "Hospital",
  fingerprint: "Fingerprint of the hospital's key",
  fingerprintHelp:
    "If you want to be quite sure, ask the hospital for the fingerprint of its key and compare.",
  hasExpired:
    "By this phone's clock this invitation has expired. You may try; if it is refused, ask for a new one.",
  methodTitle: "How do you want to open the app?",
  methodHelp: "Nobody who holds your phone can look into the app without it.",
  methodPasskey: "Fingerprint or face",
  methodPasskeyHelp: "Stronger than a PIN, and nothing to remember.",
  methodPin: "PIN",
  methodPinHelp: "6 to 12 digits. A fingerprint or face is stronger than a PIN of 6 digits.",
  methodBoth: "Both",
  methodBothHelp: "If one does not work, the other opens the app.",
  noPasskey: "This browser offers no fingerprint or face for apps like this one, so a PIN it is.",
  pin: "PIN",
  pinAgain: "PIN once more",
  pinDiffers: "The two PINs differ. Enter both again.",
  connect: "Connect",
  otherInvitation: "Use another invitation",
  connectingTitle: "Connecting to {{hospital}}",
  connectingHelp:
    "This phone makes its key and proves it to the hospital. That takes a few seconds.",
  stoppedTitle: "Not connected yet",
  tryAgain: "Try again",
  codeTitle: "Read these digits to the hospital",
  codeHelp:
    "Read them to the member of staff who gave you the code: on the spot, or on the phone number that the hospital has of you. Never to anybody who calls you.",
  codeNext:
    "As soon as they have confirmed the same digits, you can go on here. You may close the app meanwhile.",
  codeDiffers:
    "Other digits at the hospital? Then somebody is in between. Stop, and tell the staff.",
  confirmedTitle: "You are connected",
  confirmedHospital: "The signature of {{hospital}} was verified by this phone.",
  confirmedDevice:
    "The signature of this phone was verified by the hospital, and staff confirmed the digits.",
  accessApp: "Access app",
  notPersisted:
    "The browser did not promise to keep this app's data: when the phone runs out of space it may delete readings that are not sent yet. Install the app on the home screen, and send soon.",
  iosEviction:
    "On an iPhone or iPad the system may delete the data of a web app that was not opened for some weeks. Open the app now and then until everything is sent.",
  elsewhereTitle: "The app is open in another tab",
  elsewhereHelp:
    "Only one tab may send at a time. Close the other one and this one goes on by itself.",
  unsupportedTitle: "This browser can't keep your readings safe",
  unsupportedHelp: "Use an up-to-date Chrome, Edge, Firefox or Safari. What is missing here:",
  missing: {
    "secure-context": "a secure connection (https)",
    storage: "a database (in a private window it may be off)",
    locks: "locks between tabs",
    cryptography: "cryptography",
    workers: "background workers",
  },
  failedTitle: "The app can't go on",
  reload: "Open the app again",
  wipedTitle: "Everything was erased from this phone",
  wipedHelp:
    "The key, the readings that were not sent and your choices are gone. What the hospital received stays with the hospital.",
  beginAgain: "Connect this phone anew",
  updateReady: "A new version of the app is ready. Nothing is lost by it.",
  updateNow: "Update now",
} as const;
