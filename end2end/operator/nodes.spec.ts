import { expect, test } from "../fixtures/test";

test("a single node is said to be one, with nothing to decide", async ({ open }) => {
  const page = await open("operator");
  await page.goto("/operator/nodes");
  await expect(page.getByTestId("single-node")).toBeVisible();
  await expect(page.getByTestId("node-row")).toHaveCount(0);
  await expect(page.locator("main form")).toHaveCount(0);
});

test.describe("of several nodes", () => {
  test.use({ severalNodes: true });
  for (const javaScriptEnabled of [true, false]) {
    test(`a second node is drained, used again, and removed when it is gone, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open, server }) => {
      const second = await server.another(["--node", "second", "--advertise", "second.example", "--weight", "250"]);
      const page = await open("operator", { javaScriptEnabled });
      await page.goto("/operator/nodes");
      const row = page.getByTestId("node-row").filter({ hasText: "second.example" });
      await expect(page.getByTestId("node-row")).toHaveCount(2);
      await expect(row).toContainText("250");
      await expect(row).toContainText("Live");
      // Nothing happens before it was asked for twice.
      await row.locator("summary").click();
      await expect(row.locator("details")).toContainText("Send everybody from second");
      await row.getByRole("button", { name: "Yes, drain" }).click();
      await expect(page.getByTestId("notice")).toBeVisible();
      await expect(row).toContainText("Draining");
      await row.getByRole("button", { name: "Use again" }).click();
      await expect(row).toContainText("Live");
      await second.stop();
      await page.goto("/operator/nodes");
      await expect(row).toContainText("Stopped");
      await row.locator("summary").click();
      await row.getByRole("button", { name: "Yes, remove" }).click();
      await expect(page.getByTestId("notice")).toBeVisible();
      await expect(page.getByTestId("single-node")).toBeVisible();
    });
  }
});
