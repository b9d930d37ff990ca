import { defineConfig } from "@playwright/test";

/** Tests that look at many pages, and take longest: first, so that no worker is left with one of them at the end. */
const LONG = ["looks.spec.ts", "islands.spec.ts"];
/** With LATCHKEY_E2E_BOTH, those tests in which rows are written or read in a way of their own run again, on this PostgreSQL. */
const postgres = process.env.LATCHKEY_E2E_BOTH ? process.env.LATCHKEY_E2E_NODES : undefined;

// Every test starts a server of its own with a fresh database, so tests may run side by side.
export default defineConfig<object, { postgres: string }>({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  fullyParallel: true,
  // With three, tests that wait for a time met it too late now and then, beside the Rust tests on two cores.
  workers: 2,
  projects: [
    { name: "long", testMatch: LONG },
    { name: "sqlite", testIgnore: LONG },
    ...postgres ? [{ name: "postgres", grep: /@database/, use: { postgres } }] : [],
  ],
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env.LATCHKEY_E2E_JSON ? [["list"], ["json", { outputFile: process.env.LATCHKEY_E2E_JSON }]] : "list",
  use: {
    browserName: "chromium",
    headless: true,
    locale: "en-GB",
    timezoneId: "Asia/Seoul",
    viewport: { width: 390, height: 844 },
    screenshot: "only-on-failure",
    // Of the first failure, with each step's page. Pictures ten times a second as well would cost every test a third of its CPU time.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true, sources: true },
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM || undefined,
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
      ],
    },
  },
});
