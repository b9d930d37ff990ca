import { expect, PASSWORD, PEOPLE, test } from "../fixtures/test";
import { addGuard, register } from "./steps";

test("register, add and give a password work with JavaScript off", async ({ open, guard }) => {
  const door = await guard("E2E-NOJS", "907");
  const page = await open("nobody", { javaScriptEnabled: false });

  await page.goto("/register");
  await page.fill("#name", "王芳");
  await page.fill("#phone", "13800000001");
  await page.fill("#password", "latchkey-demo");
  await page.getByTestId("register").click();
  await expect(page.locator("#phone-problem")).toBeVisible();
  await expect(page.locator("#name")).toHaveValue("王芳");
  await register(page, "13700000009", "王芳");

  await page.goto("/owner/add-guard");
  await page.fill("#guard_id", "no-such-guard");
  await page.fill("#op_code", "907");
  await page.fill("#guard_name", "门");
  await page.getByTestId("add").click();
  await expect(page.locator("#guard_id-problem")).toBeVisible();
  await page.fill("#guard_id", door.id);
  await page.fill("#op_code", "000");
  await page.getByTestId("add").click();
  await expect(page.locator("#op_code-problem")).toBeVisible();
  await expect(page.locator("#guard_name")).toHaveValue("门");
  await addGuard(page, door, "门");

  await page.getByTestId("default-passwords").click();
  await expect(page.getByTestId("default-password")).toHaveCount(0);
  await page.getByTestId("reveal-default-passwords").click();
  await expect(page.getByTestId("default-password").first()).toHaveText(/^\d{6}$/);
  await page.getByTestId("new-password").click();
  await page.getByTestId("own-span").click();
  await page.fill("#start_time", "2026-01-01T10:00");
  await page.fill("#end_time", "2026-01-01T09:00");
  await page.getByTestId("make-own").click();
  await expect(page.locator("#end_time-problem")).toBeVisible();
  await page.fill("#for_whom", "刘洋");
  await page.getByTestId("preset-month").click();
  await expect(page.getByTestId("for-whom")).toContainText("刘洋");
  const digits = (await page.getByTestId("digits").innerText()).trim();
  await expect(page.getByTestId("copy")).toBeHidden();
  await expect(page.getByTestId("sms")).toBeVisible();
  await door.says(/^granted: .* 1 grants/);
  door.tell(`password ${digits}`);
  await door.says(/^opened by grant/);
  // The guard's word for it may take a moment, and without a script the page does not hear of it.
  await expect(async () => {
    await page.goto("/owner/records");
    await expect(page.getByTestId("record").first()).toContainText("刘洋", { timeout: 500 });
  }).toPass();
  await expect(page.getByTestId("chart").locator("svg")).toHaveCount(2);

  // Seen once more on request, and on no page.
  await page.goto(`/owner/guards/${door.id}`);
  await expect(page.locator("main")).not.toContainText(digits);
  await page.getByTestId("grant").getByRole("link", { name: "刘洋" }).click();
  await expect(page.locator("main")).not.toContainText(digits);
  await page.getByTestId("reveal-password").click();
  await expect(page.getByTestId("digits")).toHaveText(digits);
});

test("a form sent after the session ended is kept while its sender signs in again", async ({ open, guard }) => {
  const door = await guard("E2E-NOJSOUT", "1");
  const page = await open("owner", { javaScriptEnabled: false });
  await page.goto("/owner/add-guard");
  await page.fill("#guard_id", door.id);
  await page.fill("#op_code", "1");
  await page.fill("#guard_name", "Gate");
  await page.context().clearCookies();
  await page.getByTestId("add").click();
  await expect(page.getByTestId("refusal")).toContainText("Sign in first");
  const [tab] = await Promise.all([page.context().waitForEvent("page"), page.getByTestId("sign-in-beside").click()]);
  await tab.fill("#phone", PEOPLE.owner);
  await tab.fill("#password", PASSWORD);
  await tab.getByTestId("sign-in").click();
  await expect(tab).toHaveURL(/\/owner\/add-guard$/);
  await tab.close();
  await page.getByTestId("once-more").click();
  await expect(page).toHaveURL(new RegExp(`/owner/guards/${door.id}(\\?|$)`));
  await expect(page.locator("h1")).toHaveText("Gate");
});
