// A vitest reporter that counts, and keeps each test with its result and the reason where it was skipped, for scripts/test.mjs.
import { writeFileSync } from "node:fs";

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: [], tests: [] };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const result = test.result();
        const isRun = result.state === "passed" || result.state === "failed";
        const named = { file: module.relativeModuleId, name: test.fullName };
        if (isRun) counts[result.state]++;
        else counts.skipped.push({ ...named, why: result.note });
        counts.tests.push({ ...named, state: isRun ? result.state : "skipped" });
      }
      // A file that could not be loaded, or a hook that failed, has no failed test of its own.
      if (!module.ok() && (tests === 0 || module.errors().length > 0)) {
        counts.failed++;
        const name = "the file as a whole: loading it, or a hook";
        counts.tests.push({ file: module.relativeModuleId, name, state: "failed" });
      }
    }
    writeFileSync(process.env.SIPHMS_TEST_COUNTS, JSON.stringify(counts));
  }
}
