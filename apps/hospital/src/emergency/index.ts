export { createEntryWriter, ENTRIES_FOLDER } from "./entry-writer.ts";
export { addEmergencyGuard, type EmergencyState } from "./emergency-guard.ts";
export { watchCopy } from "./copy-watch.ts";
export { mergeEntryFiles } from "./merge.ts";
