import { PASSWORD, PEOPLE, expect, expectAccessible, signIn, test } from "../fixtures/test";
import { addGuard, agree, register } from "./steps";
import type { Page } from "@playwright/test";

test("a superior sees a junior's guards and records, and changes nothing", { tag: "@database" }, async ({ open, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-J", "11");
  const junior = await open("nobody");
  await register(junior, "13600000001", "赵小妹");
  await addGuard(junior, door, "后门");
  await junior.getByTestId("new-password").click();
  await junior.getByTestId("preset-hour").click();
  const digits = (await junior.getByTestId("digits").innerText()).trim();

  const superior = await open("nobody");
  await register(superior, "13600000002", "赵大姐");
  await superior.goto("/owner/juniors");
  for (const [number, problem] of [["13699999999", /not registered/], ["13600000002", /not yourself/i], ["abc", /digits/i]] as const) {
    await superior.fill("#phone", number);
    await superior.getByTestId("add-junior").click();
    await expect(superior.locator("#phone-problem")).toHaveText(problem);
    await expect(superior.locator("#phone")).toHaveValue(number);
  }
  await superior.fill("#phone", "136 0000 0001");
  await superior.getByTestId("add-junior").click();
  await expect(superior.getByTestId("junior")).toContainText("赵小妹");
  await superior.fill("#phone", "13600000001");
  await superior.getByTestId("add-junior").click();
  await expect(superior.locator("#phone-problem")).toHaveText(/junior already/);

  // Nothing is seen before the junior agreed.
  await expect(superior.getByTestId("not-yet-agreed")).toBeVisible();
  await expect(superior.getByTestId("junior").getByRole("link")).toHaveCount(0);
  expect((await superior.goto("/owner/juniors/13600000001"))!.status()).toBe(403);
  expect((await superior.goto("/owner/guards/E2E-J"))!.status()).toBe(403);
  const asked = await junior.context().newPage();
  await asked.goto("/owner");
  await expect(asked.getByTestId("superior-hint")).toContainText("赵大姐");
  await asked.getByTestId("superior-hint").getByRole("link").click();
  await expect(asked.getByTestId("superior-asks")).toContainText("赵大姐");
  await expectAccessible(asked);
  await superior.goto("/owner/juniors");
  await asked.getByTestId("superior-agree").click();
  await expect(asked.getByTestId("superior")).toContainText("赵大姐");
  await expect(asked.getByTestId("superior-asks")).toHaveCount(0);

  await superior.getByTestId("junior").getByRole("link").click();
  await expect(superior.getByTestId("read-only")).toBeVisible();
  await expect(superior.getByTestId("give-password")).toHaveCount(0);
  await superior.getByTestId("guard").getByRole("link", { name: "后门" }).click();
  await expect(superior.getByTestId("grant")).toHaveCount(1);
  await expect(superior.locator("main")).not.toContainText(digits);
  for (const absent of ["new-password", "edit-guard", "delete-guard", "default-passwords"]) {
    await expect(superior.getByTestId(absent)).toHaveCount(0);
  }
  // What happens at the junior's door is on the superior's page at once.
  door.tell(`password ${digits}`);
  await door.says(/^opened by grant/);
  await expect(superior.getByTestId("record").first()).toHaveAttribute("data-state", "opened");
  await expect(superior.locator("main")).not.toContainText(digits);
  for (const closed of ["/edit", "/delete", "/new-password", "/new-card"]) {
    expect((await superior.goto(`/owner/guards/E2E-J${closed}`))!.status(), closed).toBe(403);
  }

  await superior.goto("/owner/juniors");
  await superior.getByTestId("cancel-ask").click();
  await superior.getByTestId("cancel-yes").click();
  await expect(superior.getByTestId("junior")).toHaveCount(0);
  expect((await superior.goto("/owner/guards/E2E-J"))!.status()).toBe(403);
});

test("a junior is asked on the open page, refuses, and leaves by one button", { tag: "@database" }, async ({ open }) => {
  const junior = await open("nobody");
  await register(junior, "13600000021", "孙小弟");
  const superior = await open("nobody");
  await register(superior, "13600000022", "孙大哥");
  const ask = async () => {
    await superior.goto("/owner/juniors");
    await superior.fill("#phone", "13600000021");
    await superior.getByTestId("add-junior").click();
    await expect(superior.getByTestId("junior")).toBeVisible();
  };
  await junior.goto("/owner/juniors");
  await expect(junior.getByTestId("superior-asks")).toHaveCount(0);
  await ask();
  // Without loading the page again.
  await expect(junior.getByTestId("superior-asks")).toContainText("孙大哥");
  await junior.getByTestId("superior-refuse").click();
  await expect(junior.getByTestId("superior-asks")).toHaveCount(0);
  await expect(superior.getByTestId("junior")).toHaveCount(0);
  await ask();
  await junior.getByTestId("superior-agree").click();
  await expect(junior.getByTestId("superior")).toContainText("孙大哥");
  await expect(superior.getByTestId("not-yet-agreed")).toHaveCount(0);
  await junior.getByTestId("superior-leave").click();
  await expect(junior.getByTestId("superior")).toHaveCount(0);
  await expect(superior.getByTestId("junior")).toHaveCount(0);
});

test("who is below whom is on every open page at once", async ({ open, guard }) => {
  const door = await guard("E2E-T", "1");
  const junior = await open("nobody");
  await register(junior, "13600000011", "钱小弟");
  await addGuard(junior, door, "侧门");
  const superior = await open("nobody");
  await register(superior, "13600000012", "钱大哥");
  const top = await open("nobody");
  await register(top, "13600000013", "钱奶奶");
  const stays = (page: Page) => page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  const stayed = (page: Page) => page.evaluate(() => (window as unknown as { same?: boolean }).same === true);
  const add = async (page: Page, phone: string) => {
    await page.fill("#phone", phone);
    await page.getByTestId("add-junior").click();
    await expect(page.getByTestId("notice")).toBeVisible();
  };

  await top.goto("/owner/juniors");
  await add(top, "13600000012");
  await agree(superior);
  await junior.goto("/owner/juniors");
  await stays(top);
  await stays(junior);
  await superior.goto("/owner/juniors");
  await add(superior, "13600000011");
  await agree(junior);
  await expect(top.getByTestId("junior")).toHaveCount(2);
  await expect(top.getByTestId("my-grade")).toContainText("top");
  await expect(junior.getByTestId("my-grade")).toContainText("bottom");

  // A name that changes far below changes in the tree.
  const renaming = await junior.context().newPage();
  await renaming.goto("/account");
  await renaming.fill("#name", "钱小弟弟");
  await renaming.getByTestId("rename").click();
  await expect(top.getByTestId("tree")).toContainText("钱小弟弟");
  expect(await stayed(top)).toBe(true);

  // An owner who looks at the guard of somebody who is no longer below is told so, and sees nothing of it any more.
  const watching = await top.context().newPage();
  await watching.goto("/owner/guards/E2E-T");
  await expect(watching.getByTestId("guard-header")).toBeVisible();
  await superior.getByTestId("cancel-ask").click();
  await superior.getByTestId("cancel-yes").click();
  await expect(top.getByTestId("junior")).toHaveCount(1);
  await expect(junior.getByTestId("my-grade")).toContainText("on your own");
  await expect(watching.getByTestId("refusal")).toBeVisible();
  await expect(watching.getByTestId("guard-header")).toHaveCount(0);
  expect(await stayed(top) && await stayed(junior)).toBe(true);
});

test("the account renames, and signs out everywhere else", { tag: "@database" }, async ({ open }) => {
  const page = await open("owner");
  const other = await open("nobody");
  await signIn(other, PEOPLE.owner, PASSWORD);
  await page.goto("/account");
  await page.fill("#name", "王 建国");
  await page.getByTestId("rename").click();
  await expect(page.getByTestId("who")).toContainText("王 建国");
  await page.getByTestId("sign-out-others").click();
  await expect(page.getByTestId("notice")).toHaveText("Everywhere else is signed out.");
  await page.goto("/owner");
  await expect(page).toHaveURL(/\/owner$/);
  await other.goto("/owner");
  await expect(other).toHaveURL(/\/sign-in/);
});
