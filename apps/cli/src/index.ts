export { runCommand } from "./program.ts";
export type { CommandContext } from "./commands/context.ts";
export type { Output } from "./output.ts";
