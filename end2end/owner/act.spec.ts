// Forms that are sent without leaving the page: what was refused stands beside its field, nothing typed is lost, and a second tap changes nothing.
import type { Page } from "@playwright/test";
import { PASSWORD, PEOPLE, expect, expectAccessible, openAwake, test } from "../fixtures/test";
import { addGuard } from "./steps";

const FUNCTION = "**/do/owner/add-guard";

/** The form for a new guard, with the script that sends it at work. */
async function form(page: Page): Promise<void> {
  await openAwake(page, "/owner/add-guard");
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

test("a session that ended in the middle loses nothing that was typed", async ({ open, guard }) => {
  const door = await guard("E2E-ACTOUT", "1");
  const page = await open("owner");
  await form(page);
  await fill(page, door.id, "1", "Gate");
  await page.context().clearCookies();
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("no longer signed in");
  await page.getByTestId("again-later").click();
  await expectAccessible(page);
  // In another tab; this one stays as it is.
  const [tab] = await Promise.all([page.context().waitForEvent("page"), page.getByTestId("refusal").getByRole("link").click()]);
  await expect(tab).toHaveURL(/\/sign-in\?next=%2Fowner%2Fadd-guard$/);
  await tab.fill("#phone", PEOPLE.owner);
  await tab.fill("#password", PASSWORD);
  await tab.getByTestId("sign-in").click();
  await expect(tab).toHaveURL(/\/owner\/add-guard$/);
  await tab.close();
  await expect(page.locator("[name=guard_name]")).toHaveValue("Gate");
  expect(await isSamePage(page)).toBe(true);
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
});

test("where nothing was typed, the page keeps the way to the sign-in and back", async ({ open, guard }) => {
  const door = await guard("E2E-ACTOUT2", "1");
  const page = await open("owner");
  await addGuard(page, door, "Gate");
  await openAwake(page, `/owner/guards/${door.id}/delete`);
  await page.context().clearCookies();
  await page.getByTestId("delete-yes").click();
  await page.getByTestId("again-later").click();
  await expect(page.getByTestId("refusal").getByRole("link")).toHaveAttribute("href", `/sign-in?next=%2Fowner%2Fguards%2F${door.id}%2Fdelete`);
});

test("a function that the server no longer has: the page says so and keeps what was typed", async ({ open }) => {
  const page = await open("owner");
  await form(page);
  await fill(page, "E2E-OLD", "1", "Gate");
  // What a page of before a change would send.
  await page.locator("form [name=do]").evaluate((field: HTMLInputElement) => { field.value = "/do/owner/add-guard-of-before"; });
  await page.getByTestId("add").click();
  await saysThatThePageIsOld(page);
  expect(await isSamePage(page)).toBe(true);
});

test("an argument that the page does not know: the page says so and keeps what was typed", async ({ open }) => {
  const page = await open("owner");
  await form(page);
  await fill(page, "E2E-OLD", "1", "Gate");
  await page.locator("[name=op_code]").evaluate((field: HTMLInputElement) => { field.name = "code_of_before"; });
  await page.getByTestId("add").click();
  await saysThatThePageIsOld(page);
  await expect(page.locator("[name=code_of_before]")).toHaveValue("1");
});

for (const [status, what] of [[404, "not there"], [405, "of another method"], [409, "in conflict"], [418, "unheard of"], [400, "malformed"]] as const) {
  test(`an answer that is ${what} (${status}) and of no function: the page says so and keeps what was typed`, async ({ open }) => {
    const page = await open("owner");
    await form(page);
    await page.route(FUNCTION, (route) => route.fulfill({ status, contentType: "text/html", body: "<p>nothing here</p>" }));
    await fill(page, "E2E-OLD", "1", "Gate");
    await page.getByTestId("add").click();
    await saysThatThePageIsOld(page);
    await expect(page.locator("form[data-busy]")).toHaveCount(0);
  });
}

async function saysThatThePageIsOld(page: Page): Promise<void> {
  await expect(page.getByTestId("refusal")).toContainText("changed on the server");
  await expect(page.getByTestId("refusal")).toBeFocused();
  await expect(page.locator("[name=guard_name]")).toHaveValue("Gate");
  const [tab] = await Promise.all([page.context().waitForEvent("page"), page.getByTestId("refusal").getByRole("link").click()]);
  await expect(tab).toHaveURL(/\/owner\/add-guard$/);
  await tab.close();
}

test("a server that was started again answers the page that was open", async ({ open, server, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-ACTAGAIN", "1");
  const page = await open("owner");
  await form(page);
  await fill(page, door.id, "000", "Gate");
  await server.stopOnly();
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("The server was not reached");
  await server.startAgain();
  await page.getByTestId("add").click();
  await expect(page.locator("#op_code-problem")).toBeVisible();
  await expect(page.getByTestId("refusal")).toHaveCount(0);
  expect(await isSamePage(page)).toBe(true);
  await page.fill("[name=op_code]", "1");
  await page.getByTestId("add").click();
  await expect(page.getByTestId("guard-header")).toBeVisible();
});

for (const worker of ["running", "stopped"] as const) {
  test(`a form that is left before its request is out is sent all the same, with the page's worker ${worker}`, async ({ open, guard }) => {
    const door = await guard("E2E-ACTLEFT", "1");
    const page = await open("owner");
    await form(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    await fill(page, door.id, "1", "Gate");
    // Tapped, and gone while the slow line still holds the request back.
    const devtools = await page.context().newCDPSession(page);
    if (worker === "stopped") {
      await devtools.send("ServiceWorker.enable");
      await devtools.send("ServiceWorker.stopAllWorkers");
    }
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", { offline: false, latency: 1_500, downloadThroughput: -1, uploadThroughput: -1 });
    await page.getByTestId("add").evaluate((button: HTMLButtonElement) => {
      button.click();
      location.assign("about:blank");
    });
    await page.waitForURL("about:blank");
    const other = await open("owner");
    await expect(async () => {
      await other.goto(`/owner/guards/${door.id}`);
      await expect(other.getByTestId("guard-header")).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
  });
}

test("what is too large to be sent after the page is left is sent while it is there", async ({ open }) => {
  const page = await open("owner");
  await form(page);
  await fill(page, "E2E-LARGE", "1", "Gate");
  await page.locator("[name=guard_comment]").fill("x".repeat(70_000));
  await page.getByTestId("add").click();
  await expect(page.locator("#guard_comment-problem")).toBeVisible();
});
