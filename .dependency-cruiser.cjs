/** Import rules of ARCHITECTURE.md, section "Who may import whom". The build fails when one is broken. */
const allowed = {
  vitals: [],
  cose: [],
  relay: [],
  tlog: [],
  audit: ["cose", "tlog"],
  "server-kit": [],
  "local-postgres": [],
  "node-crypto": ["cose"],
  edhoc: ["cose"],
  alerts: ["vitals"],
  gatt: ["vitals"],
  messages: ["cose", "vitals"],
  evidence: ["messages", "cose", "vitals"],
  device: ["messages", "edhoc", "cose", "relay", "tlog", "vitals"],
  api: ["vitals"],
  "web-kit": ["vitals"],
};
const TEST_FILES =
  "\\.(test|suite)\\.tsx?$|^tests/|^packages/testkit/|/src/testing/|/src/[a-z]+/testing/";

const packageRules = Object.entries(allowed).map(([name, targets]) => ({
  name: `package-${name}`,
  comment: `packages/${name} may import only: ${targets.join(", ") || "no other package"}.`,
  severity: "error",
  from: { path: `^packages/${name}/`, pathNot: TEST_FILES },
  to: { path: "^(packages|apps)/", pathNot: `^packages/(${[name, ...targets].join("|")})/` },
}));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "packages-never-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "apps-never-import-each-other",
      severity: "error",
      from: { path: "^apps/([^/]+)/" },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "gateway-reaches-nothing-that-can-read",
      comment: "The gateway may reach only relay, server-kit and tlog, directly or through others.",
      severity: "error",
      from: { path: "^apps/gateway/", pathNot: TEST_FILES },
      to: { path: "^packages/", pathNot: "^packages/(relay|server-kit|tlog)/", reachable: true },
    },
    {
      name: "another-package-only-through-its-index",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/", pathNot: "^tests/" },
      to: { path: "^packages/([^/]+)/src/", pathNot: "^(packages|apps)/$2/|/src/index\\.ts$" },
    },
    {
      name: "testkit-only-in-tests",
      severity: "error",
      from: { pathNot: TEST_FILES },
      to: { path: "^packages/testkit/" },
    },
    {
      name: "server-packages-never-in-a-browser",
      severity: "error",
      from: { path: "^apps/(console|patient)/" },
      to: { path: "^packages/(server-kit|node-crypto|local-postgres)/" },
    },
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.lint.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["siphms-source", "import", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".cjs", ".mjs", ".json"],
    },
  },
};
