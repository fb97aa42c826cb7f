export type { AlertToTell, Notifier, SystemFault, Telling } from "./ports.ts";
