// The operator's first page: what needs somebody, how full the kiosks are.
import { Device } from "../fixtures/device";
import { Server } from "../fixtures/server";
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";
import { addGuard } from "../owner/steps";

test("what needs somebody stands beside how full the kiosks are on a desk, above it on a phone", async ({ open }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await page.goto("/operator");
  const box = async (testid: string) => (await page.getByTestId(testid).boundingBox())!;
  const [needs, filling] = [await box("needs-you"), await box("filling")];
  expect(filling.x).toBeGreaterThan(needs.x + needs.width - 1);
  await expect(page.getByTestId("needs-repair")).toContainText("2");
  await expect(page.getByTestId("needs-ready")).toContainText("15");
  await expect(page.getByTestId("kiosk-fill").first()).toContainText(/\d+ of \d+ free/);
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  expect((await box("needs-you")).y).toBeLessThan((await box("filling")).y);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByTestId("kiosk-fill").first().click();
  await expect(page).toHaveURL(/\/operator\/kiosks\/\d+$/);
});

for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
  test(`doors that were forced, left open or did not answer need somebody (${size})`, async ({ open, server, guard }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("operator", { viewport });
    await page.goto("/operator");
    await expect(page.getByTestId("needs-door")).toHaveCount(0);
    await kiosk.report(["door-forced", "door-left-open", "door-unsure"]);
    const door = await guard("E2E-A", "135790");
    const owner = await open("owner");
    await addGuard(owner, door, "Front door");
    for (const state of ["forced", "held"]) door.tell(`door ${state}`);
    await expect(owner.getByTestId("record")).toHaveCount(2);
    await expect(async () => {
      await page.goto("/operator");
      await expect(page.getByTestId("needs-door")).toHaveCount(5, { timeout: 500 });
    }).toPass();
    const doors = page.getByTestId("needs-door");
    for (const words of ["Door forced open", "Door left open", "Not known whether the door opened", "E2E-A · Forced open", "E2E-A · Held open"]) {
      await expect(doors.filter({ hasText: words })).toHaveCount(1);
    }
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await doors.filter({ hasText: "Door forced open" }).click();
    await expect(page).toHaveURL(/\/operator\/kiosks\/1234$/);
    await expect(page.getByTestId("alarms")).toContainText("Door forced open");
  });
}

test("the first page shows a deposit, and today's count, without being loaded again", { tag: "@database" }, async ({ open, server }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await openAwake(page, "/operator");
  await expect(page.getByTestId("needs-ready")).toContainText("15");
  await expect(page.getByTestId("latest").getByRole("listitem")).toHaveCount(10);
  await expect(page.getByTestId("today-in-out")).toContainText(/\d+ in, \d+ out/);
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  const other = await open("operator");
  await other.goto("/operator/orders?status=A");
  await other.getByTestId("order-row").first().getByRole("link").first().click();
  await other.getByTestId("make-ready").click();
  await expect(page.getByTestId("needs-ready")).toContainText("14");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same), "not loaded again").toBe(true);
  expect(server.log).not.toContain("ERROR");
});

test.describe("an empty machine", () => {
  for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
    test(`the first operator is told that the code is wrong, then led step by step (${size})`, { tag: "@database" }, async ({ browser }) => {
      const server = await Server.start("serve");
      const context = await browser.newContext({ baseURL: server.url, locale: "en-GB", viewport });
      const page = await context.newPage();
      const code = /[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}/.exec(server.log)![0];
      await page.goto("/set-up");
      await page.fill("#code", "AAAA-AAAA-AAAA-AAAA");
      await page.fill("#name", "박운영");
      await page.fill("#phone", "01012340000");
      await page.fill("#password", "correct horse battery");
      await page.locator("main form button").click();
      await expect(page.locator("#code-problem")).toContainText("This is not the code. It stands in the server’s log");
      await page.fill("#code", code);
      await page.fill("#password", "correct horse battery");
      await page.locator("main form button").click();
      await expect(page.getByTestId("steps-so-far")).toHaveText("0 of 8 done");
      await expectAccessible(page);
      for (const path of ["/operator/orders", "/operator/kiosks", "/operator/guards"]) {
        await page.goto(path);
        await expect(page.getByTestId("first-one")).toBeVisible();
        await expect(page.getByTestId("empty")).not.toContainText("matches");
      }
      await page.goto("/operator");
      await page.getByTestId("step-business").click();
      await page.fill("#name", "한빛전기");
      await page.getByTestId("business-form").getByRole("button").click();
      await expect(page).toHaveURL(/\/operator\/businesses\?q=/);
      await page.goto("/operator");
      await page.getByTestId("step-staff").click();
      await expect(page.locator("select[name=role]")).toHaveValue("staff");
      await page.fill("#phone", "01012340001");
      await page.fill("#name", "김직원");
      await page.getByTestId("person-form").locator("button").click();
      await expect(page).toHaveURL(/\/operator\/people\/01012340001/);
      await page.goto("/operator");
      await expect(page.getByTestId("steps-so-far")).toHaveText("2 of 8 done");
      await expect(page.getByTestId("step-business")).toHaveAttribute("data-done", "");
      await page.getByTestId("hide-steps").click();
      await expect(page.getByTestId("first-steps")).toBeHidden();
      await context.close();
      await server.stop();
    });
  }
});
