// Prints the figures, and what went wrong; nothing else.
import type { Reporter, TestCase, TestError, TestResult } from "@playwright/test/reporter";

export default class Figures implements Reporter {
  printsToStdio(): boolean { return true; }

  onStdOut(chunk: string | Buffer): void { process.stdout.write(chunk); }

  onError(error: TestError): void { console.error(error.stack ?? error.message); }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const error of result.errors) console.error(`${test.title}: ${error.stack ?? error.message}`);
  }
}
