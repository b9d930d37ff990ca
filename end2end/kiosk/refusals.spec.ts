// What a kiosk refuses, read by its hand scanner.
import { randomBytes } from "node:crypto";
import { ownClock, putClock } from "../fixtures/clock";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";
import { encrypt, oneBitChanged, sign } from "../fixtures/tokens";

async function takeCode(open: (who: "hanbit") => Promise<import("@playwright/test").Page>): Promise<{ token: string }> {
  const business = await open("hanbit");
  const answer = await business.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string; yid: number }[] };
  const order = orders.find((o) => o.yid === 1234)!;
  const made = await business.request.post("/v1/Encrypt", { data: { data: { cmd: "OpenToTake", yid: 1234, thingsSq: order.thingsSq } } });
  return { token: (await made.json() as { data: string }).data };
}

test("a code for another kiosk, with another secret, changed, old, or of another kind opens nothing and says which", async ({ open, server }) => {
  const { token } = await takeCode(open);
  const kiosk = await KioskPage.enrol(open, server, 1235);
  const secret = randomBytes(32).toString("base64url");
  const date = new Date().toISOString();
  const forged = sign({ cmd: "OpenToTake", yid: 1235, date, data: encrypt({ serial: 1, jumper: 1, pwd: "12345" }, secret, "OpenToTake", 1235, date) }, secret);
  for (const [text, says] of [[token, /another kiosk/i], [forged, /damaged/i], [oneBitChanged(forged), /damaged/i], ["12345 <b>not a code</b>", /damaged|not a/i]] as const) {
    await kiosk.handScan(text);
    await expect(kiosk.notice).toContainText(says);
    await expect(kiosk.page.getByTestId("close-door")).toHaveCount(0);
  }
});

test("an expired pick-up code is refused as old", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server, 1234, undefined, ownClock);
  const { token } = await takeCode(open);
  await kiosk.offline(true);
  await putClock(kiosk.page, 11 * 60_000);
  await kiosk.handScan(token);
  await expect(kiosk.notice).toContainText(/old|expired/i);
  await expect(kiosk.page.getByTestId("close-door")).toHaveCount(0);
});

test("an enrolment code that is wrong or used is refused in words", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  await expect(kiosk.page.getByTestId("kiosk-name")).toBeVisible();
  const other = await open("nobody", { viewport: { width: 1080, height: 1920 } });
  await other.goto("/kiosk");
  for (const digit of "00000000") await other.getByTestId(`pad-${digit}`).click();
  await other.getByTestId("pad-enter").click();
  await expect(other.getByTestId("enrol-problem")).toBeVisible();
});
