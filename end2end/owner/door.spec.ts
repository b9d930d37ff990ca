import { expect, test } from "../fixtures/test";
import { addGuard, register } from "./steps";

test("a new owner adds a guard, gives a password that opens it, sees it live, and cancels it", { tag: "@database" }, async ({ open, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-1", "135790");
  const page = await open("nobody");
  await register(page, "13912345678", "陈晓明");
  await expect(page.getByTestId("empty")).toBeVisible();
  await addGuard(page, door, "大门");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "1");
  const guardPage = page.url().split("?")[0]!;

  await page.getByTestId("new-password").click();
  await page.getByTestId("preset-hour").click();
  const digits = (await page.getByTestId("digits").innerText()).trim();
  expect(digits).toMatch(/^\d{6}$/);
  // The guard says it has it, and the page hears of it without being loaded again.
  await expect(page.getByTestId("sheet").getByTestId("delivered")).toBeVisible();
  await page.goto(guardPage);
  await expect(page.getByTestId("on-the-way")).toHaveCount(0);

  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  door.tell(`password ${digits}`);
  await door.says(/^opened by grant/);
  const newest = page.getByTestId("record").first();
  await expect(newest).toHaveAttribute("data-state", "opened");
  // Digits stand on no page; how many they were is all a record says.
  await expect(newest).toContainText("*".repeat(digits.length));
  door.tell("password 0000");
  await door.says(/^refused: unknown-password/);
  await expect(newest).toHaveAttribute("data-state", "refused");
  // What the door did is not what a key did.
  door.tell("door forced");
  await expect(newest).toHaveAttribute("data-state", "forced");
  door.tell("door opened");
  await expect(newest).toHaveAttribute("data-state", "door-opened");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);

  await page.getByTestId("grant").getByRole("link").click();
  await page.getByTestId("cancel-ask").click();
  const cancelled = Date.now();
  await page.getByTestId("cancel-yes").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await expect(page.getByTestId("grant")).toHaveCount(0);
  let refused = "";
  while (!refused && Date.now() - cancelled < 2_000) {
    door.tell(`password ${digits}`);
    const said = await door.says(/^(opened by|refused)/, 2_000);
    if (said.startsWith("refused")) refused = said;
  }
  expect(refused).toContain("cancelled");
});

test("a guard that goes away says so by itself, and gets what it missed", async ({ open, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-2", "1");
  const page = await open("owner");
  await addGuard(page, door, "Warehouse");
  const guardPage = page.url().split("?")[0]!;
  door.tell("net off");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "3", { timeout: 35_000 });
  await page.goto(`${guardPage}/new-password`);
  await page.getByTestId("own-digits").click();
  await page.fill("#digits", "12a4");
  await page.getByTestId("preset-today").click();
  await expect(page.locator("#digits-problem")).toBeVisible();
  await expect(page.locator("#digits")).toHaveValue("12a4");
  await page.fill("#digits", "24681357");
  await page.getByTestId("preset-today").click();
  await expect(page.getByTestId("digits")).toHaveText("24681357");
  await expect(page.getByTestId("waiting")).toBeVisible();
  door.tell("net on");
  await expect(page.getByTestId("delivered")).toBeVisible();
  door.tell("password 24681357");
  await door.says(/^opened by grant/);
});

test("a card opens; its number is hidden until somebody asks", { tag: "@database" }, async ({ open, guard }) => {
  const door = await guard("E2E-3", "42");
  const page = await open("owner");
  await addGuard(page, door, "Garage");
  await page.getByTestId("new-card").click();
  await page.fill("#name", "李雷 <b>");
  await page.fill("#card_numb", "110101199003071234");
  await page.fill("#end_time", "2001-01-01T00:00");
  await page.getByTestId("add-card").click();
  await expect(page.locator("#end_time-problem")).toBeVisible();
  await expect(page.locator("#name")).toHaveValue("李雷 <b>");
  await page.fill("#end_time", `${new Date().getFullYear() + 1}-12-31T12:00`);
  await page.getByTestId("add-card").click();
  await expect(page.locator("main")).not.toContainText("19900307");
  await expect(page.getByTestId("delivered")).toBeVisible();
  await page.getByTestId("reveal").click();
  await expect(page.getByTestId("card-number")).toHaveText("110101199003071234");
  door.tell("card 110101199003071234");
  await door.says(/^opened by grant/);
  await page.goto("/owner/records?way=card&result=opened&guard=E2E-3");
  await expect(page.getByTestId("record")).toHaveCount(1);
  await expect(page.getByTestId("record")).toContainText("李雷 <b>");
  await expect(page.locator("main")).not.toContainText("19900307");
  await page.getByTestId("reveal").click();
  await expect(page.getByTestId("card-number")).toHaveText("110101199003071234");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  const text = (await (await import("node:fs/promises")).readFile((await download.path())!)).toString("utf8");
  expect(text.startsWith("\u{feff}")).toBe(true);
  expect(text).toContain("李雷 <b>");
  expect(text).not.toContain("19900307");
});

test("a guard is edited, and deleted after being asked once more", { tag: "@database" }, async ({ open, guard }) => {
  const door = await guard("E2E-4", "42");
  const page = await open("owner");
  await addGuard(page, door, "Old name");
  await page.getByTestId("edit-guard").click();
  await page.fill("#guard_name", "");
  await page.locator("#guard_name").evaluate((input: HTMLInputElement) => { input.required = false; });
  await page.getByTestId("save").click();
  await expect(page.locator("#guard_name-problem")).toBeVisible();
  await page.fill("#guard_name", "</textarea>新名称");
  await page.getByTestId("save").click();
  await expect(page.locator("h1")).toHaveText("</textarea>新名称");
  await page.getByTestId("delete-guard").click();
  await page.getByTestId("delete-yes").click();
  await expect(page).toHaveURL(/\/owner(\?notice=.*)?$/);
  await expect(page.locator("[data-guard='E2E-4']")).toHaveCount(0);
});
