import { PASSWORD, PEOPLE, expect, test } from "../fixtures/test";

test("from the start page to a new account and back, with JavaScript off", { tag: "@database" }, async ({ open }) => {
  const page = await open("nobody", { javaScriptEnabled: false });
  await page.goto("/");
  await expect(page.getByTestId("to-kiosk")).toBeVisible();
  await page.getByTestId("to-register").click();
  await expect(page).toHaveURL(/\/register$/);
  const send = async (name: string, phone: string, password: string) => {
    await page.fill("#name", name);
    await page.fill("#phone", phone);
    await page.fill("#password", password);
    await page.getByTestId("register").click();
  };
  await send("王 <b>芳</b>", "12", PASSWORD);
  await expect(page.locator("#phone-problem")).toContainText("digits");
  await expect(page.locator("#name")).toHaveValue("王 <b>芳</b>");
  await send("王 <b>芳</b>", "13700000001", "short");
  await expect(page.locator("#password-problem")).toBeVisible();
  await expect(page.locator("#password")).toHaveValue("");
  await expect(page.locator("#phone")).toHaveValue("13700000001");
  await send("王 <b>芳</b>", PEOPLE.owner, PASSWORD);
  await expect(page.locator("#phone-problem")).toContainText("registered already");
  await send("王 <b>芳</b>", "137 0000 0001", PASSWORD);
  await expect(page).toHaveURL(/\/owner(\?notice=registered)?$/);
  await expect(page.getByTestId("empty")).toBeVisible();
  await page.goto("/account");
  await expect(page.getByTestId("who")).toContainText("王 <b>芳</b>");
  await expect(page.getByTestId("who")).toContainText("137 0000 0001");
  await page.getByTestId("sign-out").click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto("/owner");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("what is wrong has the focus", async ({ open }) => {
  const page = await open("nobody");
  await page.goto("/register");
  await expect(page.locator("#name")).toBeFocused();
  await page.fill("#name", "王芳");
  await page.fill("#phone", PEOPLE.owner);
  await page.fill("#password", PASSWORD);
  await page.getByTestId("register").click();
  await expect(page.locator("#phone")).toBeFocused();
});
