// What several tests of owners begin with.
import type { Page } from "@playwright/test";
import { PASSWORD, expect } from "../fixtures/test";
import type { Guard } from "../fixtures/guard";

/** Registers by the form. */
export async function register(page: Page, phone: string, name: string): Promise<void> {
  await page.goto("/register");
  await page.fill("#name", name);
  await page.fill("#phone", phone);
  await page.fill("#password", PASSWORD);
  await page.getByTestId("register").click();
  await expect(page).toHaveURL(/\/owner(\?|$)/);
}

/** Adds a guard by its codes; ends on its page. */
export async function addGuard(page: Page, guard: Guard, name: string): Promise<void> {
  await page.goto("/owner");
  await page.getByTestId("add-guard").click();
  await page.fill("#guard_id", guard.id);
  await page.fill("#op_code", guard.code);
  await page.fill("#guard_name", name);
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
  await expect(page.locator("h1")).toHaveText(name);
}

/** Agrees to the superior who asks, in another tab of the same person. */
export async function agree(page: Page): Promise<void> {
  const tab = await page.context().newPage();
  await tab.goto("/owner/juniors");
  await tab.getByTestId("superior-agree").click();
  await expect(tab.getByTestId("superior")).toBeVisible();
  await tab.close();
}
