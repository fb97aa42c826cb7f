export { ProblemError } from "./problem.ts";
export { policyOf, routeOf } from "./policy.ts";
export type { Policy, Relation, RouteEntry, Rule } from "./policy.ts";
export { createServer } from "./server.ts";
export type { TlsFiles } from "./renewable-tls.ts";
export { addSecurity, createNonce, requireSameOrigin, setPagePolicy } from "./security.ts";
export { cacheControl, readStaticFiles } from "./static-files.ts";
export type { StaticFile, StaticFiles } from "./static-files.ts";
