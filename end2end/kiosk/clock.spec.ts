import { ownClock, putClock } from "../fixtures/clock";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

test("a SyncDate code corrects a kiosk clock that is 20 minutes off, and an older one is refused", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server, 1234, undefined, ownClock);
  await kiosk.offline(true);
  await putClock(kiosk.page, -20 * 60_000);

  const staff = await open("staff");
  await staff.goto("/staff/clock/1234");
  await kiosk.staffArea();
  await kiosk.page.getByTestId("tab-device").click();
  const offset = async () => Number(await kiosk.page.getByTestId("clock-offset").getAttribute("data-ms"));
  await kiosk.read(staff.getByTestId("code"), kiosk.notice);
  await expect.poll(async () => Math.round((await offset()) / 60_000)).toBe(-20);

  // With the clock set, a fresh pick-up code is fresh here too.
  await kiosk.page.getByTestId("leave").click();
  const business = await open("hanbit");
  const answer = await business.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string; yid: number }[] };
  await business.goto(`/business/orders/${orders.find((o) => o.yid === 1234)!.thingsSq}/find`);
  await kiosk.read(business.getByTestId("code"), kiosk.page.getByTestId("close-door"));
  await kiosk.closeDoor();
});
