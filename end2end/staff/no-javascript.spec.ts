import { Device } from "../fixtures/device";
import { PASSWORD, PEOPLE, expect, test } from "../fixtures/test";

test("the scanner is a field to type into with JavaScript off", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff", { javaScriptEnabled: false });
  await page.goto("/staff/scan");
  await expect(page.getByTestId("camera")).toBeHidden();
  await page.fill("textarea[name=code]", "this is no code");
  await page.getByTestId("typed-form").getByRole("button").click();
  await expect(page.getByTestId("refusal")).toBeVisible();
  await expect(page.locator("textarea[name=code]")).toHaveValue("this is no code");
  await page.fill("textarea[name=code]", kiosk.deposit());
  await page.getByTestId("typed-form").getByRole("button").click();
  await expect(page).toHaveURL(/\/staff\/orders/);
});

test("sign-in, search and complete deposit by typed code work with JavaScript off", { tag: "@database" }, async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("nobody", { javaScriptEnabled: false });

  await page.goto("/sign-in");
  await page.fill("#phone", PEOPLE.staff);
  await page.fill("#password", PASSWORD);
  await page.getByTestId("sign-in").click();
  await expect(page).toHaveURL(/\/staff$/);

  await page.goto("/staff/orders");
  await page.fill("input[name=q]", "013002");
  await page.getByTestId("search").click();
  await page.getByTestId("status-B").click();
  await page.locator("[data-order='1016']").click();

  await page.getByTestId("type-code").click();
  await page.fill("textarea[name=code]", "this is no code");
  await page.getByTestId("complete-typed").click();
  await expect(page.getByTestId("refusal")).toBeVisible();
  await expect(page.locator("textarea[name=code]")).toHaveValue("this is no code");

  await page.fill("textarea[name=code]", kiosk.deposit());
  await page.getByTestId("complete-typed").click();
  await expect(page.getByTestId("deposit-done")).toBeVisible();
  await page.getByTestId("back-to-search").click();
  await page.fill("input[name=q]", "");
  await page.goto("/staff/orders/1016");
  await expect(page.locator("main")).toContainText(kiosk.free().label);
});

test("a search finds any part, says what matched, and opens the only hit, with JavaScript off", { tag: "@database" }, async ({ open }) => {
  const page = await open("staff", { javaScriptEnabled: false });
  await page.goto("/staff/orders?status=all");
  await page.fill("input[name=q]", "１０16");
  await page.press("input[name=q]", "Enter");
  await expect(page).toHaveURL(/\/staff\/orders\/1016$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/staff\/orders\?status=all$/);
  await page.fill("input[name=q]", "013002");
  await page.press("input[name=q]", "Enter");
  await expect(page.locator("[data-order]").first()).toBeVisible();
  await expect(page.getByTestId("matched").first()).toBeVisible();
  await expect(page.locator("[data-order] mark").first()).toHaveText("013002");
});
