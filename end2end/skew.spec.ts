// The server is updated while older pages are open: they go on where they can, and tell the user where they cannot; nothing typed is lost.
import type { Page } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KioskPage } from "./fixtures/kiosk";
import { newerBuild } from "./fixtures/newer";
import type { Server } from "./fixtures/server";
import { expect, openAwake, settled, test } from "./fixtures/test";

let directory = "", newer = "";
test.beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "latchkey-newer-"));
  newer = newerBuild(directory);
});
test.afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function update(server: Server): Promise<void> {
  await server.stopOnly();
  await server.startAgain(newer);
}

/** The version in the addresses of a page's files. */
const version = (page: Page) => page.locator("script[src*='/pkg/']").first().evaluate((script: HTMLScriptElement) => script.src.split("/pkg/")[1]!.split("/")[0]!);

test("a form whose function was removed by an update shows an error, keeps what was typed, and works after a reload", async ({ open, server, guard }) => {
  const door = await guard("E2E-SKEW", "1");
  const page = await open("owner");
  await openAwake(page, "/owner/add-guard");
  const before = await version(page);
  await page.fill("#guard_id", door.id);
  await page.fill("#op_code", "1");
  await page.fill("#guard_name", "Gate");
  await update(server);
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("changed on the server");
  await expect(page.locator("#guard_name")).toHaveValue("Gate");

  await openAwake(page, "/owner/add-guard");
  expect(await version(page)).not.toBe(before);
  await page.fill("#guard_id", door.id);
  await page.fill("#op_code", "1");
  await page.fill("#guard_name", "Gate");
  await page.getByTestId("add").click();
  await expect(page).toHaveURL(new RegExp(`/owner/guards/${door.id}(\\?|$)`));
  await expect(page.locator("h1")).toHaveText("Gate");
});

test("pages of before the update whose functions are still there go on", async ({ open, server }) => {
  const page = await open("staff");
  await openAwake(page, "/staff/orders?status=all");
  const numbers = page.locator("#results [data-hit] .order-no");
  const number = await numbers.last().innerText();
  const before = await version(page);
  await update(server);
  // Results while typing are of the new version, in the page of the old one.
  await page.locator("[data-search] input[type=search]").pressSequentially(number, { delay: 20 });
  await expect(numbers.first()).toHaveText(number);
  expect(await version(page)).toBe(before);
  await numbers.first().click();
  await settled(page);
  await expect(page.locator("h1")).toHaveCount(1);
});

test("a kiosk of before the update goes on, and has the new version after it", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const before = await version(kiosk.page);
  await update(server);
  await kiosk.deposit();
  await kiosk.done();
  expect(await version(kiosk.page)).toBe(before);
  // It looks for a new version now and then, and reloads into it when nobody is at work.
  await expect(async () => {
    await kiosk.page.reload();
    await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();
    expect(await version(kiosk.page)).not.toBe(before);
  }).toPass({ timeout: 30_000 });
  const label = await kiosk.deposit();
  expect(label).not.toBe("");
});
