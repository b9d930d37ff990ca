// A code for later: made with network, shown without, taken by a kiosk without.
import { ownClock, putClock } from "../fixtures/clock";
import { KioskPage } from "../fixtures/kiosk";
import { expect, expectAccessible, signIn, test, PEOPLE } from "../fixtures/test";
import { codeOf, makeVoucher, passOn, phoneWithCode, storedAt, voucherOfTwoDoors } from "../fixtures/voucher";

test("a pick-up with phone and kiosk both without network; the same code then opens nothing", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.offline(true);
  const { phone, order } = await phoneWithCode(open);
  const text = await codeOf(phone);
  await phone.context().setOffline(true);
  // Any page of ours: the one that stands in for it has the code.
  await phone.goto("/business");
  await expect(phone.getByTestId("offline")).toContainText(/No network since \d\d:\d\d/);
  const code = phone.getByTestId("offline-codes").getByTestId("code");
  await expect(code).toBeVisible();
  await expect(phone.getByTestId("voucher-doors")).toHaveText(order.label);
  await expectAccessible(phone);
  await kiosk.read(code, kiosk.page.getByTestId("close-door"));
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", order.label);
  await kiosk.closeDoor();
  await kiosk.done();
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(text);
  await expect(kiosk.notice).toContainText(/used/i);
  // With network again both go on by themselves.
  await phone.context().setOffline(false);
  await expect(phone.getByTestId("waiting")).toBeVisible();
  await kiosk.offline(false);
  await expect(async () => {
    const done = await phone.request.get("/v1/Orders?customerNo=&status=D&cursor=");
    const { orders } = await done.json() as { orders: { thingsSq: string }[] };
    expect(orders.map((one) => one.thingsSq)).toContain(order.thingsSq);
  }).toPass({ timeout: 60_000 });
});

test("several doors open one after the other", async ({ open, server }) => {
  test.setTimeout(90_000);
  const { kiosk, phone, first, second } = await voucherOfTwoDoors(open, server);
  await kiosk.handScan(await codeOf(phone));
  const close = kiosk.page.getByTestId("close-door");
  await expect(close).toHaveAttribute("data-label", first.label);
  await expect(kiosk.page.getByTestId("voucher-rest")).toHaveText("doors to follow: 1");
  await kiosk.closeDoor();
  await expect(close).toHaveAttribute("data-label", second.label);
  await expect(kiosk.page.getByTestId("voucher-rest")).toHaveCount(0);
  await kiosk.closeDoor();
  await kiosk.done();
});

test("narrowed for a technician it opens its part under their name, and nobody widens it again", async ({ open, server }) => {
  test.setTimeout(90_000);
  const { kiosk, phone, second } = await voucherOfTwoDoors(open, server);
  const foreman = await codeOf(phone);
  await passOn(phone, "김기사", [second.thingsSq]);
  await expect(phone.getByTestId("voucher-doors")).toHaveText(second.label);
  const technician = await codeOf(phone);
  // The caveat taken away, under its own signature.
  const [[wide], [, claims, narrow]] = [foreman.split("."), technician.split(".")];
  await kiosk.handScan([wide, claims, narrow].join("."));
  await expect(kiosk.notice).toContainText(/damaged|cannot be read/i);
  await kiosk.handScan(technician);
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", second.label);
  await expect(kiosk.page.getByTestId("voucher-rest")).toHaveText("For 김기사");
  await kiosk.closeDoor();
  await kiosk.done();
});

test("it is refused at another kiosk, and after its end", async ({ open, server }) => {
  test.setTimeout(90_000);
  const kiosk = await KioskPage.enrol(open, server, 1234, undefined, ownClock);
  await kiosk.offline(true);
  const phone = await open("hanbit");
  const [elsewhere] = await storedAt(phone, 1235);
  await makeVoucher(phone, elsewhere!.thingsSq);
  await kiosk.handScan(await codeOf(phone));
  await expect(kiosk.notice).toContainText(/another kiosk/i);
  const [here] = await storedAt(phone, 1234);
  await makeVoucher(phone, here!.thingsSq);
  await putClock(kiosk.page, 50 * 3_600_000);
  await kiosk.handScan(await codeOf(phone));
  await expect(kiosk.notice).toContainText(/too old/i);
});

test("the code of a lost phone is refused once somebody told the kiosk", async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.offline(true);
  const { phone } = await phoneWithCode(open);
  const code = await codeOf(phone);
  const other = await open("nobody");
  await signIn(other, PEOPLE.hanbit);
  await other.goto("/account");
  await other.getByTestId("end-session").first().click();
  await expect(other.getByRole("status").first()).toBeVisible();
  // A member of staff sets the kiosk's clock; the list comes with it.
  const staff = await open("staff");
  await staff.goto("/staff/clock/1234");
  await kiosk.read(staff.getByTestId("code"), kiosk.notice);
  await kiosk.page.waitForTimeout(1_000);
  await kiosk.handScan(code);
  await expect(kiosk.notice).toContainText(/withdrawn/i);
});

test("on a phone that somebody else signed in on, or that was signed out, no code is left", async ({ open }) => {
  const { phone } = await phoneWithCode(open);
  const context = phone.context();
  await phone.goto("/account");
  await phone.getByTestId("sign-out").click();
  await phone.waitForURL(/sign-in/);
  await signIn(phone, PEOPLE.daesung);
  await context.setOffline(true);
  await phone.goto("/business/orders");
  await expect(phone.getByTestId("offline")).toBeVisible();
  await expect(phone.getByTestId("offline-codes")).toBeHidden();
  await context.setOffline(false);
});
