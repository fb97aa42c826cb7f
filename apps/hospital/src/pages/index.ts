export { addConsolePages } from "./console-pages.ts";
export { addPatientAppPages, ENROL_PAGE_FOLDER } from "./patient-app-pages.ts";
export type { PatientAppOptions } from "./patient-app-pages.ts";
