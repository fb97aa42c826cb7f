import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["siphms-source", "module", "node", "development|production"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: conditions } };

/** One project per kind of test (CONTRIBUTING.md): the slower kinds run their files one after another. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: [
            "{packages,apps}/*/src/**/*.test.{ts,tsx}",
            "tests/{rules,hipaa-report}/*.test.ts",
          ],
          exclude: ["**/*.int.test.ts", "**/dist/**", "**/node_modules/**"],
          testTimeout: 30_000,
          // By default one processor is left idle.
          maxWorkers: availableParallelism(),
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "int",
          include: ["{packages,apps}/*/src/**/*.int.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          globalSetup: ["tests/system/hold-test-server.ts"],
        },
      },
      ...["e2e", "fault", "browser", "nightly"].map((kind) => ({
        resolve,
        ssr,
        test: {
          name: kind,
          include: [`tests/${kind}/**/*.${kind}.test.ts`],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          // What is looked at again and again waits for real programs, on machines of any speed.
          expect: { poll: { timeout: 15_000 } },
          fileParallelism: false,
        },
      })),
    ],
  },
});
