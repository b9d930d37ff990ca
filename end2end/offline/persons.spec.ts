// One phone and several people; what owners and businesses read without network, and what owners send later.
import type { Page } from "@playwright/test";
import { Device } from "../fixtures/device";
import { keeps, loseNetwork } from "../fixtures/kept";
import { banner, online, readyOrders, scan, stored, takeRound } from "../fixtures/round";
import { PEOPLE, expect, expectAccessible, openAwake, signIn, test } from "../fixtures/test";

test("another person on the same phone sees nothing, and the first sends it when they are back", async ({ open, server }) => {
  test.setTimeout(120_000);
  await readyOrders(server, ["9701"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  const context = page.context();
  await takeRound(page, [1234]);
  await context.setOffline(true);
  await scan(page, kiosk.deposit(), "9701");
  await expect(banner(page)).toContainText("1 not sent");
  // With network, but the server does not take it before the sign-out.
  await context.route("**/do/staff/send-deposit", (route) => route.abort());
  await online(page);
  await page.goto("/account");
  await expect(banner(page)).toContainText("1 not sent");
  page.once("dialog", (dialog) => {
    expect(dialog.message()).toContain("1 not sent");
    void dialog.accept();
  });
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/sign-in/);
  await context.unroute("**/do/staff/send-deposit");
  await signIn(page, PEOPLE.otherStaff);
  await page.goto("/unsent");
  await expect(page.getByTestId("unsent-none")).toBeVisible();
  await expect(banner(page)).toHaveCount(0);
  await context.setOffline(true);
  await page.goto("/staff");
  await expect(page.getByTestId("offline")).toBeVisible();
  await expect(page.getByTestId("unsent")).toBeHidden();
  await expect(page.getByTestId("kept-page")).toBeHidden();
  await expect(banner(page)).not.toContainText("not sent");
  await online(page);
  await page.goto("/account");
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/sign-in/);
  expect(await stored(page, ["9701"]).catch(() => [])).toEqual([]);
  await signIn(page, PEOPLE.staff);
  await expect.poll(() => stored(page, ["9701"])).toEqual(["9701"]);
});

test("a person who stays does not sign out with something unsent", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await takeRound(page, [1234]);
  await page.context().setOffline(true);
  await scan(page, kiosk.deposit(), "1");
  await page.context().route("**/do/staff/send-deposit", (route) => route.abort());
  await online(page);
  await page.goto("/account");
  await expect(banner(page)).toContainText("1 not sent");
  page.once("dialog", (dialog) => void dialog.dismiss());
  await page.getByTestId("sign-out").click();
  await page.goto("/staff");
  expect(new URL(page.url()).pathname).toBe("/staff");
});

test("an owner reads their guards without network, and a password that was made then is sent later", async ({ open }) => {
  test.setTimeout(90_000);
  const page = await open("owner");
  await page.goto("/owner");
  // The pages of the guards come along, without having been opened.
  await keeps(page, "/owner/guards/G0001");
  await openAwake(page, "/owner/guards/G0001/new-password");
  await loseNetwork(page);
  await expect(banner(page)).toContainText("No network since");
  await fillPassword(page);
  await page.getByTestId("later").click();
  await page.waitForURL(/\/unsent/);
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(1);
  await page.goto("/owner/guards/G0001");
  await expect(page.getByTestId("kept-page")).toBeVisible();
  await expect(page.getByTestId("kept-at")).toHaveText(/As of/);
  await expectAccessible(page);
  await online(page);
  await expect(banner(page)).toHaveCount(0);
  await page.goto("/owner/guards/G0001");
  await expect(page.locator("main")).toContainText("Painter");
});

/** A password for somebody, sent without network. */
async function fillPassword(page: Page): Promise<void> {
  await page.locator("[name='for_whom']").fill("Painter");
  await page.locator("[data-testid^='preset-']").first().click();
}

test("a business reads its orders without network, dated", async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/business/orders");
  const first = await page.locator("[data-hit]").first().innerText();
  await keeps(page, "/business/orders");
  await page.goto("/business");
  await loseNetwork(page);
  await page.goto("/business/orders");
  await expect(page.getByTestId("kept-page")).toContainText(first.split("\n")[0]!);
  await expect(page.getByTestId("kept-at")).toHaveText(/As of \d\d:\d\d/);
  await online(page);
});

test("without anything kept the page of what is kept says so", async ({ open }) => {
  const page = await open("staff");
  await page.goto("/unsent");
  await expect(page.getByTestId("unsent-none")).toHaveText("Everything has been sent.");
  await expectAccessible(page);
});

