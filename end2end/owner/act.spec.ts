// Forms that are sent without leaving the page: what was refused stands beside its field, nothing typed is lost, and a second tap changes nothing.
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test";

const FUNCTION = "**/do/owner/add-guard";

/** The form for a new guard, with the script that sends it at work. */
async function form(page: Page): Promise<void> {
  const awake = page.waitForResponse((response) => response.url().endsWith("_bg.wasm"));
  await page.goto("/owner/add-guard");
  await awake;
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
}

const isSamePage = (page: Page) => page.evaluate(() => (window as unknown as { same?: boolean }).same === true);

async function fill(page: Page, id: string, code: string, name: string): Promise<void> {
  await page.fill("[name=guard_id]", id);
  await page.fill("[name=op_code]", code);
  await page.fill("[name=guard_name]", name);
}

test("every wrong field says so in place, the first one has the focus, and what was typed stays", async ({ open, guard }) => {
  const door = await guard("E2E-ACT", "907");
  const page = await open("owner");
  await form(page);
  await fill(page, "x\u0001", "907", "y".repeat(200));
  await page.getByTestId("add").click();
  await expect(page.locator("#guard_id-problem")).toBeVisible();
  await expect(page.locator("#guard_name-problem")).toBeVisible();
  await expect(page.locator("#op_code-problem")).toHaveCount(0);
  await expect(page.locator("[name=guard_id]")).toBeFocused();
  await expect(page.locator("[name=guard_id]")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("[name=guard_id]")).toHaveAttribute("aria-describedby", /(^| )guard_id-problem( |$)/);
  await expect(page.locator("[name=op_code]")).toHaveValue("907");
  await expect(page.locator("form[data-busy]")).toHaveCount(0);
  expect(await isSamePage(page)).toBe(true);

  // The next answer takes the place of this one.
  await fill(page, door.id, "000", "Gate");
  await page.getByTestId("add").click();
  await expect(page.locator("#op_code-problem")).toBeVisible();
  await expect(page.locator("[id$=-problem]")).toHaveCount(1);
  await expect(page.locator("[aria-invalid]")).toHaveCount(1);
  await expect(page.locator("[name=op_code]")).toBeFocused();
  expect(await isSamePage(page)).toBe(true);

  await page.fill("[name=op_code]", "907");
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
});

test("ten taps while the server takes its time are one request, and the button shows that it works", async ({ open, guard }) => {
  const door = await guard("E2E-ACT10", "1");
  const page = await open("owner");
  await form(page);
  const sent: string[] = [];
  await page.route(FUNCTION, async (route) => {
    sent.push(route.request().postData() ?? "");
    await new Promise((later) => setTimeout(later, 1_000));
    await route.continue();
  });
  await fill(page, door.id, "1", "Gate");
  const button = page.getByTestId("add");
  await button.evaluate((button: HTMLButtonElement) => { for (let tap = 0; tap < 10; tap++) button.click(); });
  await expect(button).toHaveAttribute("aria-busy", "true", { timeout: 100 });
  await expect(page.getByTestId("guard-header")).toBeVisible();
  expect(sent).toHaveLength(1);
});

test("without network the form says so and keeps everything; sent again it does its work once", { tag: "@database" }, async ({ open, guard }) => {
  const door = await guard("E2E-ACTOFF", "1");
  const page = await open("owner");
  await form(page);
  await fill(page, door.id, "1", "Gate");
  await page.context().setOffline(true);
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("The server was not reached");
  await expect(page.locator("[name=guard_name]")).toHaveValue("Gate");
  await page.context().setOffline(false);
  // The answer gets lost: the guard is made, and the phone does not know.
  await page.route(FUNCTION, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("The server was not reached");
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
  expect(await isSamePage(page)).toBe(false);
});

test("a session that ended leads to the sign-in and back", async ({ open }) => {
  const page = await open("owner");
  await form(page);
  await fill(page, "E2E-NONE", "1", "Gate");
  await page.context().clearCookies();
  await page.getByTestId("add").click();
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fowner%2Fadd-guard$/);
});

test("a page older than the server still sends its form", async ({ open, guard }) => {
  const door = await guard("E2E-ACTOLD", "1");
  const page = await open("owner");
  await form(page);
  await page.route(FUNCTION, (route) => route.fulfill({ status: 404, contentType: "text/html", body: "<p>nothing here</p>" }));
  await fill(page, door.id, "1", "Gate");
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
});
