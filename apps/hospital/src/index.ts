export { HOSPITAL_SETTINGS } from "./settings.ts";
