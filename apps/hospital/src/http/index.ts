export { ProblemError } from "./problem.ts";
export { createServer, policyOf } from "./server.ts";
export type { Policy, TlsFiles } from "./server.ts";
export { addSecurity, createNonce, requireSameOrigin, setPagePolicy } from "./security.ts";
export { cacheControl, readStaticFiles } from "./static-files.ts";
export type { StaticFile, StaticFiles } from "./static-files.ts";
