// A vitest reporter that counts and keeps the reason of each skipped test, for scripts/test.mjs.
import { writeFileSync } from "node:fs";

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const result = test.result();
        if (result.state === "passed") counts.passed++;
        else if (result.state === "failed") counts.failed++;
        else
          counts.skipped.push({
            file: module.relativeModuleId,
            name: test.fullName,
            why: result.note,
          });
      }
      // A file that could not be loaded, or a hook that failed, has no failed test of its own.
      if (!module.ok() && (tests === 0 || module.errors().length > 0)) counts.failed++;
    }
    writeFileSync(process.env.SIPHMS_TEST_COUNTS, JSON.stringify(counts));
  }
}
