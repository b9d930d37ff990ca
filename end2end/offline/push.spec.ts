// Notifications: the switch, what leaves the server, and what the worker shows.
import type { Page } from "@playwright/test";
import { deliver, expect, type PushService, shown, test } from "../fixtures/push";
import type { Server } from "../fixtures/server";
import { expectAccessible, PEOPLE, signIn, test as plain } from "../fixtures/test";
import { WHOLE_BROWSER } from "../fixtures/whole";

test.use({ launchOptions: WHOLE_BROWSER, permissions: ["notifications"] });

const switchOf = (page: Page) => page.getByRole("switch", { name: "In this browser" });

/** The page of somebody who has turned notifications on in it. */
async function turnedOn(page: Page, push: PushService): Promise<Page> {
  await push.serves(page);
  await page.context().grantPermissions(["notifications"]);
  await page.goto("/account");
  await switchOf(page).check();
  await expect(switchOf(page)).toBeEnabled();
  await expect(switchOf(page)).toBeChecked();
  return page;
}

/** A meter of the business is fetched at the kiosk. */
async function fetched(page: Page, server: Server): Promise<string> {
  const stored = await (await page.request.get("/v1/Orders?status=C")).json() as { orders: { thingsSq: string; yid: number; jumper: number; serial: number }[] };
  const order = stored.orders.find(({ yid }) => yid === 1234)!;
  const enrolled = await page.request.post("/v1/Kiosks/Enrol", { data: { code: await server.enrolmentCode(1234) } });
  const { token, compartments } = await enrolled.json() as { token: string; compartments: { jumper: number; serial: number }[] };
  const rows = compartments.map((row) => row.jumper === order.jumper && row.serial === order.serial
    ? { ...row, status: "B", pwd: null, saveDate: null, thingsSq: null, kind: null } : row);
  const synced = await fetch(`${server.url}/v1/SyncData/1234`, {
    method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: JSON.stringify({ data: rows }),
  });
  expect(await synced.json()).toMatchObject({ success: true, completed: 1 });
  return order.thingsSq;
}

test("what happens is told in the browser that asked for it, in its language, and no more once it is off", async ({ open, push, server }) => {
  const page = await turnedOn(await open("hanbit"), push);
  await expectAccessible(page);
  const order = await fetched(page, server);
  await expect.poll(() => push.read, { timeout: 20_000 }).toEqual([JSON.stringify({ kind: "code-used", path: `/business/orders/${order}` })]);
  await deliver(page, push.read[0]!);
  await expect.poll(() => shown(page)).toEqual([{
    title: "A meter was taken out", body: "Was it not you? Tap to see which.", lang: "en", path: `/business/orders/${order}`,
  }]);
  await page.reload();
  await expect(switchOf(page)).toBeChecked();
  await expect(page.getByTestId("push-count")).toHaveText("Browsers in which they are on: 1");
  await switchOf(page).uncheck();
  await expect(switchOf(page)).toBeEnabled();
  await page.reload();
  await expect(switchOf(page)).not.toBeChecked();
  await expect(page.getByTestId("push-count")).toHaveCount(0);
});

test("the words are those of the language that is chosen later", async ({ open, push }) => {
  const page = await turnedOn(await open("hanbit"), push);
  await page.context().addCookies([{ name: "lang", value: "ko", url: page.url() }]);
  await page.goto("/business");
  await expect(async () => {
    expect(await page.evaluate(async () => (await caches.match("/offline"))?.text())).toContain("<html lang=\"ko\"");
  }).toPass();
  await deliver(page, JSON.stringify({ kind: "meter-waits", path: "/business/orders" }));
  await deliver(page, "not what we send");
  await expect.poll(async () => (await shown(page)).map(({ title }) => title).sort()).toEqual(["Latchkey", "계량기가 보관되었습니다"]);
});

test("they end in a browser that is signed out, and when somebody else signs in there", async ({ open, push }) => {
  const page = await turnedOn(await open("hanbit"), push);
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/sign-in/);
  await signIn(page, PEOPLE.hanbit);
  await page.goto("/account");
  await expect(page.getByTestId("push-count")).toHaveCount(0);
  await expect(switchOf(page)).not.toBeChecked();
  await switchOf(page).check();
  await expect(switchOf(page)).toBeEnabled();
  // The session ended by itself, and another person signs in next.
  await page.context().clearCookies();
  await signIn(page, PEOPLE.daesung);
  await page.goto("/account");
  await expect(switchOf(page)).not.toBeChecked();
  expect(await page.evaluate(() => [localStorage.getItem("push"), localStorage.getItem("test push")])).toEqual([null, null]);
});

test("turned off everywhere they are off in another browser as soon as it comes back", async ({ open, push }) => {
  const page = await turnedOn(await open("staff"), push);
  const other = await open("staff");
  await other.goto("/account");
  await other.getByTestId("push-off-everywhere").click();
  await expect(other.getByTestId("notice")).toHaveText("Notifications are off in all your browsers.");
  await expect(other.getByTestId("push-count")).toHaveCount(0);
  await page.evaluate(() => localStorage.setItem("push-kept", "0"));
  await page.goto("/staff");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("test push"))).toBeNull();
  await page.goto("/account");
  await expect(switchOf(page)).not.toBeChecked();
});

plain("where the deployment sends none, nobody is offered any", async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/account");
  await expect(page.getByTestId("sessions")).toBeVisible();
  await expect(page.getByTestId("push")).toHaveCount(0);
});
