// What was typed stays until the form is answered.
import { expect, openAwake, test } from "../fixtures/test";

test("what was typed is there again after a reload, after Back and after a lost network, and gone once it is saved", async ({ open }) => {
  const page = await open("operator");
  await openAwake(page, "/operator/people/new");
  const name = page.locator("#name");
  await name.fill("김새봄");
  await page.locator("#phone").fill("01055557777");
  await page.reload();
  await expect(name).toHaveValue("김새봄");
  await expect(page.getByTestId("draft")).toHaveText("What you typed before is here again.");
  await page.goto("/operator");
  await page.goBack();
  await expect(name).toHaveValue("김새봄");
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  await page.context().setOffline(true);
  await page.locator("form:has(#name) button[type='submit'], form:has(#name) button:not([type])").first().click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await page.context().setOffline(false);
  await page.reload();
  await expect(name).toHaveValue("김새봄");
});

test("a password that was typed is not kept", async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/account");
  for (const field of await page.locator("input[type='password']").all()) await field.fill("a long enough secret");
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("secret");
});

test("once it is saved, nothing of it is there any more", async ({ open }) => {
  const page = await open("owner");
  await page.goto("/owner/guards/G0001/edit");
  const comment = page.locator("[name='guard_comment']");
  await comment.fill("뒷문");
  await page.locator("form:has([name='guard_comment']) button").last().click();
  await page.waitForURL(/guards\/G0001(\?|$)/);
  await page.goto("/owner/guards/G0001/edit");
  await expect(comment).toHaveValue("뒷문");
  await expect(page.getByTestId("draft")).toHaveCount(0);
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("draft ")))).toEqual([]);
});
