// What was wrong is put right: by two operators at once, on a phone and on a desk, with and without JavaScript.
import { expect, expectAccessible, test } from "../fixtures/test";

const SIZES = [{ viewport: { width: 1440, height: 900 } }, { viewport: { width: 390, height: 844 } }];

for (const javaScriptEnabled of [true, false]) {
  for (const size of SIZES) {
    const how = `${size.viewport.width} wide, ${javaScriptEnabled ? "with" : "without"} JavaScript`;

    test(`the second of two who correct an order sees both values: ${how}`, async ({ open }) => {
      const one = await open("operator", { ...size, javaScriptEnabled });
      const two = await open("operator", { ...size, javaScriptEnabled });
      for (const page of [one, two]) {
        await page.goto("/operator/orders/1016");
        await page.getByTestId("correct").locator("summary").click();
      }
      await one.getByLabel("Customer", { exact: true }).fill("선우용녀");
      await one.getByTestId("correct-save").click();
      await expect(one.getByTestId("notice")).toBeVisible();
      await expect(one.locator("h1")).toContainText("선우용녀");
      await two.getByLabel("Customer", { exact: true }).fill("남궁민수");
      await two.getByTestId("correct-save").click();
      await expect(two.locator('[id="texts.customer_name-problem"]')).toContainText("선우용녀");
      await expect(two.getByLabel("Customer", { exact: true })).toHaveValue("남궁민수");
      if (javaScriptEnabled) await expectAccessible(two);
      await two.getByTestId("correct-save").click();
      await expect(two.locator("h1")).toContainText("남궁민수");
      await expect(two.getByTestId("changes").last()).toContainText("선우용녀 → 남궁민수");
      await two.goto("/operator/orders?q=남궁민수");
      await expect(two.locator("#results [data-order]")).toHaveAttribute("data-order", "1016");
    });

    test(`an order is cancelled with a reason and received again: ${how}`, async ({ open }) => {
      const page = await open("operator", { ...size, javaScriptEnabled });
      await page.goto("/operator/orders/1016");
      await page.getByTestId("cancel").locator("summary").click();
      await page.fill("#reason", "두 번 접수됨");
      await page.getByTestId("cancel-yes").click();
      await expect(page.locator("h1")).toContainText("Cancelled");
      await expect(page.getByTestId("reason").last()).toContainText("두 번 접수됨");
      await page.getByTestId("set-back").locator("summary").click();
      await page.fill("#why", "잘못 취소함");
      await page.getByTestId("set-back-yes").click();
      await expect(page.locator("h1")).toContainText("Received");
      await page.getByTestId("make-ready").click();
      await expect(page.locator("h1")).toContainText("Ready");
    });
  }
}

test("a stored order is set back to ready, and staff see it so", async ({ open }) => {
  const page = await open("operator", SIZES[0]);
  await page.goto("/operator/orders?status=C");
  const order = (await page.locator("#results [data-order]").first().getAttribute("data-order"))!;
  await page.goto(`/operator/orders/${order}`);
  await page.getByTestId("set-back").locator("summary").click();
  await page.fill("#why", "다른 고객의 계기");
  await page.getByTestId("set-back-yes").click();
  await expect(page.locator("h1")).toContainText("Ready");
  const staff = await open("staff");
  await staff.goto(`/staff/orders/${order}`);
  await expect(staff.locator("h1")).toContainText("Ready");
  await expect(staff.getByTestId("history")).toContainText("다른 고객의 계기");
});

test("a person is renamed and moved to another business", async ({ open }) => {
  const page = await open("operator", SIZES[1]);
  await page.goto("/operator/people/01000000004");
  await page.getByTestId("correct").locator("summary").click();
  await page.fill("#name", "새 이름");
  await page.selectOption("#business", "대성전력");
  await page.getByTestId("correct-save").click();
  await expect(page.locator("h1")).toHaveText("새 이름");
  await expect(page.locator("dl").first()).toContainText("대성전력");
});
