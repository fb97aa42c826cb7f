import jsdoc from "eslint-plugin-jsdoc";
import tseslint from "typescript-eslint";

const PURE_PACKAGES = [
  "vitals",
  "alerts",
  "gatt",
  "cose",
  "edhoc",
  "messages",
  "relay",
  "tlog",
  "audit",
  "device",
  "api",
  "evidence",
].map((name) => `packages/${name}/src/**/*.ts`);
const TESTS = [
  "**/*.test.ts",
  "**/*.test.tsx",
  "**/*.suite.ts",
  "tests/**/*.ts",
  "packages/testkit/src/**/*.ts",
];

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "vectors/**",
      "formal/**",
      "apps/hospital/static/**",
    ],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { jsdoc },
    languageOptions: {
      parserOptions: {
        project: [
          "./tsconfig.lint.json",
          "./apps/console/tsconfig.json",
          "./apps/patient/tsconfig.json",
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      complexity: ["error", 12],
      eqeqeq: "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 3],
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        {
          object: "Math",
          property: "random",
          message: "Use crypto.getRandomValues or the Crypto port.",
        },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: "Time arrives as a port (Clock).",
        },
        { selector: "ExportDefaultDeclaration", message: "Exports have names." },
        { selector: "ExportAllDeclaration", message: "index.ts names each export." },
      ],
      "jsdoc/require-jsdoc": [
        "error",
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: ["TSInterfaceDeclaration", "TSTypeAliasDeclaration"],
        },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    files: PURE_PACKAGES,
    rules: {
      "no-restricted-imports": ["error", { patterns: ["node:*"] }],
      "no-restricted-globals": ["error", "Buffer", "process"],
    },
  },
  {
    files: TESTS,
    rules: {
      complexity: "off",
      "max-lines-per-function": "off",
      "max-params": "off",
      "no-restricted-imports": "off",
      "no-restricted-globals": "off",
      "jsdoc/require-jsdoc": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      // Reading JSON of a known shape is what many tests do.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
    },
  },
  {
    files: ["packages/testkit/src/**/*.ts"],
    rules: { "jsdoc/require-jsdoc": ["error", { publicOnly: true }] },
  },
  {
    // Tool configuration is the one place where a default export is asked for.
    files: ["**/vite.config.ts", "**/vitest.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
