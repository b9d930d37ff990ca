import { PASSWORD, PEOPLE, expect, signIn, test } from "../fixtures/test";
import { addGuard, register } from "./steps";

test("a superior sees a junior's guards and records, and changes nothing", async ({ open, guard }) => {
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
  for (const [number, problem] of [["13699999999", /not registered/], ["13600000002", /not yourself/i], ["abc", /form/i]] as const) {
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

test("the account renames, and signs out everywhere else", async ({ open }) => {
  const page = await open("owner");
  const other = await open("nobody");
  await signIn(other, PEOPLE.owner, PASSWORD);
  await page.goto("/account");
  await page.fill("#name", "王 建国");
  await page.getByTestId("rename").click();
  await expect(page.getByTestId("who")).toContainText("王 建国");
  await page.getByTestId("sign-out-others").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await page.goto("/owner");
  await expect(page).toHaveURL(/\/owner$/);
  await other.goto("/owner");
  await expect(other).toHaveURL(/\/sign-in/);
});
