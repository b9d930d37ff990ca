import { expect, test } from "../fixtures/test";

test.use({ viewport: { width: 1440, height: 900 } });

test("the page that is not there, and a server that keeps what was typed", async ({ open }) => {
  const page = await open("operator");
  expect((await page.goto("/operator/orders/none-such"))!.status()).toBe(404);
  await expect(page.getByTestId("refusal")).toBeVisible();
});
