export { runCheck } from "./check.ts";
export { noteCheck } from "./note-check.ts";
