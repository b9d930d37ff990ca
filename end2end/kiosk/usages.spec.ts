import { KioskPage, LANDSCAPE, PIN, PORTRAIT } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

test("K: a meter is fetched by label and password, and a wrong password opens nothing", async ({ open, server }) => {
  const business = await open("hanbit");
  const order = await storedAt(business, 1234);
  await business.goto(`/business/orders/${order}/find`);
  const label = await business.getByTestId("find-label").innerText();
  await business.getByTestId("find-password").locator("summary").click();
  const pwd = await business.getByTestId("find-pwd").innerText();

  const kiosk = await KioskPage.enrol(open, server, 1234, PORTRAIT);
  await kiosk.tile("K");
  await kiosk.label(label);
  await kiosk.type(pwd === "00000" ? "11111" : "00000");
  await expect(kiosk.notice).toBeVisible();
  await expect(kiosk.page.getByTestId("close-door")).toHaveCount(0);
  await kiosk.type(pwd);
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", label);
  await kiosk.closeDoor();
  await kiosk.done();
});

test("J: the number is checked where there is a network, and without one the event says that it was not", async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  const { page } = kiosk;
  await expect(page.getByTestId("network")).toHaveAttribute("data-state", "online");
  await kiosk.tile("J");
  await kiosk.type("99999999");
  await expect(kiosk.notice).toHaveAttribute("data-notice", "number-refused");
  await expect(page.getByTestId("open-first")).toHaveCount(0);
  await kiosk.type("1046");
  await expect(page.getByTestId("whose")).toHaveText(/^Old meter of .\*+.$/);
  await page.getByTestId("back").click();
  await page.getByTestId("back").click();

  await kiosk.offline(true);
  await expect(page.getByTestId("network")).toHaveAttribute("data-state", "offline");
  await kiosk.tile("J");
  await kiosk.type("99999999");
  await expect(page.getByTestId("whose")).toContainText("could not be checked");
  await page.getByTestId("open-first").click();
  await kiosk.closeDoor();
  await kiosk.done();
  await kiosk.offline(false);
  const operator = await open("operator");
  await expect(async () => {
    const log = await operator.request.get("/operator/kiosks/1234/log");
    expect(await log.text()).toContain("The number was not checked");
  }).toPass({ timeout: 60_000 });
});

test("J then M: an old meter comes back, and staff take it out", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.tile("J");
  await kiosk.type("1046");
  const label = (await kiosk.page.getByTestId("open-first").getAttribute("data-label"))!;
  await kiosk.page.getByTestId("open-first").click();
  await kiosk.closeDoor();
  await kiosk.done();

  await kiosk.tile("M");
  await kiosk.type(PIN);
  await kiosk.page.getByTestId(`take-${label}`).click();
  await kiosk.closeDoor();
  await expect(kiosk.page.getByTestId(`take-${label}`)).toHaveCount(0);
});

test("after enrolment everything works without network, and nothing is lost when the page is killed at an open door", async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server, 1234, LANDSCAPE);
  // The page is kept by its service worker from now on.
  await kiosk.page.evaluate(async () => { await navigator.serviceWorker.ready; });
  await kiosk.page.reload();
  await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();
  await kiosk.offline(true);
  await kiosk.page.reload();
  await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();

  // Killed while a door is open for a deposit.
  await kiosk.tile("L");
  await kiosk.type(PIN);
  const label = (await kiosk.page.getByTestId("open-first").getAttribute("data-label"))!;
  await kiosk.page.getByTestId("open-first").click();
  await expect(kiosk.page.getByTestId("close-door")).toBeVisible();
  await kiosk.page.goto("about:blank");
  await kiosk.page.goto("/kiosk");
  await expect(kiosk.page.getByTestId("half-done")).toBeVisible();

  // It is not handed out, and staff see and settle it.
  await kiosk.staffArea();
  await kiosk.page.getByTestId("cabinet").getByText(label, { exact: true }).first().click();
  await expect(kiosk.page.getByTestId("story")).toHaveAttribute("data-label", label);
  await kiosk.page.getByTestId("settle-stored").click();
  // What is in it now gets its code, like every deposit.
  await expect(kiosk.page.getByTestId("code-label")).toHaveText(label);
  await kiosk.done();
  await expect(kiosk.page.getByTestId("half-done")).toHaveCount(0);

  // A return and its retrieval, still without network.
  await kiosk.tile("J");
  await kiosk.type("1047");
  await kiosk.page.getByTestId("open-first").click();
  await kiosk.closeDoor();
  await kiosk.done();

  // The network is back: the server has the whole log, without a gap.
  await kiosk.offline(false);
  const operator = await open("operator");
  await expect(async () => {
    const log = await operator.request.get("/operator/kiosks/1234/log");
    const text = await log.text();
    expect(text).toContain(label);
  }).toPass({ timeout: 60_000 });
});

/** The first stored order of the signed-in business at a kiosk. */
async function storedAt(page: import("@playwright/test").Page, yid: number): Promise<string> {
  const answer = await page.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string; yid: number }[] };
  const found = orders.find((order) => order.yid === yid);
  if (!found) throw new Error("the sample data has no stored order there");
  return found.thingsSq;
}
