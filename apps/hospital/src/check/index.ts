export { runCheck } from "./check.ts";
