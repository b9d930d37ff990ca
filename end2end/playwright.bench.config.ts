import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

// What `make bench` measures in a browser: one thing at a time, and its lines alone are printed.
export default defineConfig({
  ...tests,
  testMatch: "bench/*.bench.ts",
  workers: 1,
  reporter: "./bench/reporter.ts",
});
