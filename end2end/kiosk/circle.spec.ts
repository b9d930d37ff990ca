// The full circle on one server: a meter goes in, a meter comes out.
import type { Locator, Page } from "@playwright/test";
import { lookAway, showUntil } from "../fixtures/camera";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

/** Holds the phone's camera before the kiosk until the phone shows this. */
async function scan(phone: Page, kiosk: KioskPage, shown: Locator): Promise<void> {
  await phone.goto("/staff/scan");
  await showUntil(phone, kiosk.code, () => shown.isVisible());
  await lookAway(phone);
}

async function expectStatus(staff: Page, order: string, status: string): Promise<void> {
  await expect(async () => {
    const rows = await staff.request.get(`/v1/Orders?customerNo=&status=${status}&cursor=`);
    const { orders } = await rows.json() as { orders: { thingsSq: string }[] };
    expect(orders.map((o) => o.thingsSq)).toContain(order);
  }).toPass({ timeout: 45_000 });
}

test("without network: L, phone scans, order C, business shows its code, door, sync by phone, order D", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(150_000);
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.offline(true);
  const staff = await open("staff");

  // Staff show their pass, so the deposit names a person.
  const pass = await open("staff");
  await pass.goto("/staff/pass/1234");
  const label = await kiosk.deposit(() => kiosk.read(pass.getByTestId("code"), kiosk.page.getByTestId("open-first")));

  await scan(staff, kiosk, staff.getByTestId("sheet").getByTestId("pending-deposit"));
  await staff.locator("[data-order='1016']").click();
  await staff.getByTestId("complete").click();
  await expect(staff.getByTestId("deposit-done")).toContainText(label);
  await expectStatus(staff, "1016", "C");
  await kiosk.done();

  // 1016 is 한빛전기's. The code is held to the kiosk's camera on its start page.
  const business = await open("hanbit");
  await business.goto("/business/orders/1016/find");
  await expect(business.getByTestId("find-label")).toHaveText(label);
  await kiosk.read(business.getByTestId("code"), kiosk.page.getByTestId("close-door"));
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", label);
  await kiosk.closeDoor();
  await kiosk.done();

  // The same code again, after a moment out of sight: used.
  await kiosk.page.waitForTimeout(3_500);
  await showUntil(kiosk.page, business.getByTestId("code"), () => kiosk.notice.isVisible());
  await expect(kiosk.notice).toContainText(/used/i);
  await lookAway(kiosk.page);

  await kiosk.staffArea();
  await scan(staff, kiosk, staff.getByTestId("sync-completed"));
  await expect(staff.getByTestId("sync-completed")).not.toHaveText("0");
  await expect(staff.getByTestId("sync-changed").locator("[data-order='1016']")).toBeVisible();
  await expectStatus(staff, "1016", "D");

  // Back in the network, the kiosk's own story arrives without a gap, and names who did it.
  await kiosk.offline(false);
  const operator = await open("operator");
  await expect(async () => {
    await operator.goto("/operator/orders/1016");
    await expect(operator.locator("main")).toContainText("김서연", { timeout: 500 });
  }).toPass({ timeout: 60_000 });
});

test("with network the order becomes D at once", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  const staff = await open("staff");
  const label = await kiosk.deposit();
  await scan(staff, kiosk, staff.getByTestId("sheet").getByTestId("pending-deposit"));
  await staff.goto("/staff/orders/1022");
  await staff.getByTestId("complete").click();
  await expect(staff.getByTestId("deposit-done")).toContainText(label);
  await kiosk.done();
  const business = await open("hanbit");
  await business.goto("/business/orders/1022/find");
  await kiosk.read(business.getByTestId("code"), kiosk.page.getByTestId("close-door"));
  await kiosk.closeDoor();
  await expectStatus(staff, "1022", "D");
});

test("the order is chosen first and the code scanned second", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const label = await kiosk.deposit();
  const staff = await open("staff");
  await staff.goto("/staff/orders/1018");
  await staff.getByTestId("scan-for-order").click();
  await showUntil(staff, kiosk.code, () => staff.getByTestId("deposit-done").isVisible());
  await expect(staff.getByTestId("deposit-done")).toContainText(label);
});

test("a code with its colours inverted is read as well", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const staff = await open("staff");
  await staff.goto("/staff/pass/1234");
  await staff.addStyleTag({ content: "[data-testid=code] { filter: invert(1) }" });
  await kiosk.page.getByTestId("staff-area").click();
  await kiosk.read(staff.getByTestId("code"), kiosk.page.getByTestId("tab-doors"));
});
