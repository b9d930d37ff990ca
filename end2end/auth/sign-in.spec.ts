import { PASSWORD, PEOPLE, expect, signIn, test } from "../fixtures/test";

test("everybody signs in by phone number and lands on the page of their role", { tag: "@database" }, async ({ open }) => {
  for (const [who, path] of [["operator", "/operator"], ["staff", "/staff"], ["hanbit", "/business"], ["owner", "/owner"]] as const) {
    const page = await open("nobody");
    await signIn(page, PEOPLE[who]);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }
});

test("a wrong password keeps the number, not the password, and says the same as an unknown number", async ({ open }) => {
  const page = await open("nobody");
  const refused = async (phone: string, password: string) => {
    await page.goto("/sign-in");
    await page.fill("#phone", phone);
    await page.fill("#password", password);
    await page.press("#password", "Enter");
    await expect(page.getByTestId("refusal")).toBeVisible();
    await expect(page.locator("#phone")).toHaveValue(phone);
    await expect(page.locator("#password")).toHaveValue("");
    return page.getByTestId("refusal").innerText();
  };
  const wrong = await refused(PEOPLE.staff, "not-the-password");
  const unknown = await refused("01099999999", PASSWORD);
  expect(unknown).toBe(wrong);
});

test("after a few failures the number must wait", { tag: "@database" }, async ({ open }) => {
  const page = await open("nobody");
  let said = "";
  for (let i = 0; i < 8 && !/\d+ seconds/.test(said); i++) {
    await page.goto("/sign-in");
    await page.fill("#phone", PEOPLE.staff);
    await page.fill("#password", `wrong-${i}`);
    await page.press("#password", "Enter");
    said = await page.getByTestId("refusal").innerText();
  }
  expect(said).toMatch(/\d+ seconds/);
  await page.goto("/sign-in");
  await page.fill("#phone", PEOPLE.staff);
  await page.fill("#password", PASSWORD);
  await page.press("#password", "Enter");
  await expect(page.getByTestId("refusal")).toBeVisible();
});

test("signing in leads back to the page that was asked for, and to no other site", async ({ open }) => {
  const page = await open("nobody");
  await page.goto("/staff/orders?customerNo=0130");
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.fill("#phone", PEOPLE.staff);
  await page.fill("#password", PASSWORD);
  await page.press("#password", "Enter");
  await expect(page).toHaveURL(/\/staff\/orders\?customerNo=0130$/);
  const other = await open("nobody");
  await other.goto("/sign-in?next=//evil.example/");
  await other.fill("#phone", PEOPLE.staff);
  await other.fill("#password", PASSWORD);
  await other.press("#password", "Enter");
  await other.waitForURL("**/staff");
  expect(new URL(other.url()).hostname).toBe("127.0.0.1");
});

test("a changed password ends the other sessions and is the only one that works", { tag: "@database" }, async ({ open }) => {
  const page = await open("staff");
  const elsewhere = await open("staff");
  await page.goto("/account");
  await page.fill("input[name=current_password]", PASSWORD);
  for (const field of await page.locator("input[type=password]:not([name=current_password])").all()) await field.fill("lantern-meadow-71");
  await page.getByTestId("change-password").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await elsewhere.goto("/staff");
  await expect(elsewhere).toHaveURL(/sign-in/);
  await signIn(elsewhere, PEOPLE.staff, "lantern-meadow-71");
  await expect(elsewhere).toHaveURL(/\/staff$/);
});

test("the language follows the browser and can be switched for good", async ({ open }) => {
  for (const [locale, lang] of [["ko-KR", "ko"], ["zh-CN", "zh"], ["en-US", "en"]] as const) {
    const page = await open("nobody", { locale });
    await page.goto("/sign-in");
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
  }
  const page = await open("nobody", { locale: "en-US" });
  await page.goto("/sign-in");
  await page.getByTestId("language").click();
  await page.locator("button[name=lang][value=ko]").click();
  await expect(page).toHaveURL(/sign-in/);
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
});

test("another role's pages are refused", async ({ open }) => {
  const page = await open("hanbit");
  for (const path of ["/staff", "/operator/people", "/staff/orders/1031"]) {
    expect((await page.goto(path))!.status()).toBe(403);
    await expect(page.getByTestId("refusal")).toBeVisible();
  }
});
