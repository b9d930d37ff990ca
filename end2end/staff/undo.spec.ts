// A deposit for the wrong customer is taken back at once; the code that was scanned then waits for the right one.
import { Device } from "../fixtures/device";
import { expect, test } from "../fixtures/test";

for (const javaScriptEnabled of [true, false]) {
  test(`a deposit is undone, and completed for another customer, ${javaScriptEnabled ? "with" : "without"} JavaScript`, { tag: "@database" }, async ({ open, server }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("staff", { javaScriptEnabled });
    await page.goto("/staff/orders?status=B");
    const orders = await page.locator("[data-order]").evaluateAll((rows) => rows.slice(0, 2).map((row) => row.getAttribute("data-order")!));
    await page.goto(`/staff/orders/${orders[0]}`);
    await page.getByTestId("type-code").click();
    await page.fill("textarea[name=code]", kiosk.deposit());
    await page.getByTestId("complete-typed").click();
    await expect(page.getByTestId("deposit-done")).toBeVisible();

    await page.getByTestId("undo").click();
    await expect(page.getByTestId("notice")).toBeVisible();
    await expect(page.getByTestId("pending-deposit")).toBeVisible();
    await page.locator(`[data-order='${orders[1]}']`).click();
    await page.getByTestId("complete").click();
    await expect(page.getByTestId("deposit-done")).toBeVisible();
    await page.goto(`/staff/orders/${orders[0]}`);
    await expect(page.getByTestId("history")).toContainText("Deposit undone");
  });
}

test("after ten seconds it can no longer be undone", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await page.goto("/staff/orders?status=B");
  await page.locator("[data-order]").first().click();
  await page.getByTestId("type-code").click();
  await page.fill("textarea[name=code]", kiosk.deposit());
  await page.getByTestId("complete-typed").click();
  await expect(page.getByTestId("undo")).toBeVisible();
  await expect(page.getByTestId("undo")).toBeHidden({ timeout: 12_000 });
  await page.reload();
  await expect(page.getByTestId("deposit-done")).toBeVisible();
});
