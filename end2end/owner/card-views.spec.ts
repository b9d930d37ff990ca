import { expect, test } from "../fixtures/test";
import { addGuard, agree, register } from "./steps";

test("an owner sees who looked at card numbers, and when", { tag: "@database" }, async ({ open, guard }) => {
  const door = await guard("E2E-V", "1");
  const page = await open("nobody");
  await register(page, "13500000031", "吴小妹");
  await page.goto("/account");
  await page.getByTestId("who-looked").click();
  await expect(page.getByTestId("empty")).toBeVisible();
  await addGuard(page, door, "前门");
  const at = page.url().split("?")[0]!;
  await expect(page.getByTestId("who-looked")).toHaveCount(0);
  await page.goto(`${at}/new-card`);
  await page.fill("#name", "郑先生");
  await page.fill("#card_numb", "110101199003071234");
  await page.getByTestId("add-card").click();
  await expect(page.getByTestId("delivered")).toBeVisible();
  const card = page.url();
  door.tell("card 440000000000001234");
  await door.says(/^refused/);

  const superior = await open("nobody");
  await register(superior, "13500000032", "吴大姐");
  await superior.goto("/owner/juniors");
  await superior.fill("#phone", "13500000031");
  await superior.getByTestId("add-junior").click();
  await expect(superior.getByTestId("junior")).toBeVisible();
  await agree(page);

  await page.getByTestId("who-looked").click();
  await expect(page).toHaveURL(/\/owner\/card-views\?guard=E2E-V$/);
  await expect(page.getByTestId("empty")).toBeVisible();
  await superior.goto(card);
  await superior.getByTestId("reveal").click();
  await expect(superior.getByTestId("card-number")).toHaveText("110101199003071234");
  // On the open page at once.
  await expect(page.getByTestId("card-view")).toHaveText([/吴大姐 \(135 0000 0032\).*\d\d:\d\d:\d\d.*Card of 郑先生 · 前门/s]);
  await superior.goto("/owner/records?of=13500000031");
  await superior.getByTestId("reveal").click();
  await expect(superior.getByTestId("card-number")).toHaveText("440000000000001234");
  await expect(page.getByTestId("card-view").first()).toContainText("Card nobody authorised");
  await page.goto(card);
  await page.getByTestId("reveal").click();
  await expect(page.getByTestId("card-number")).toBeVisible();
  await page.goto(at);
  await page.getByTestId("who-looked").click();
  await expect(page.getByTestId("card-view")).toHaveCount(3);
  await expect(page.getByTestId("card-view").first()).toContainText("You");
  await expect(page.locator("main")).not.toContainText("1990");
  // What superiors looked at below them is their juniors' to see, and nobody else's.
  await superior.goto("/owner/card-views");
  await expect(superior.getByTestId("empty")).toBeVisible();
  const other = await open("owner");
  await other.goto("/owner/card-views?guard=E2E-V");
  await expect(other.getByTestId("empty")).toBeVisible();
});
