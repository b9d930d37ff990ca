// A foreman gives a kept code to a technician where neither phone nor kiosk has network.
import { KioskPage } from "../fixtures/kiosk";
import { expect, expectAccessible, test } from "../fixtures/test";
import { chained, isKept, passOnWithoutNetwork, voucherOfTwoDoors } from "../fixtures/voucher";

/** A phone without network that keeps a voucher for two doors, at a kiosk without network. */
async function foreman(...given: Parameters<typeof voucherOfTwoDoors>) {
  const { kiosk, phone, first, second } = await voucherOfTwoDoors(...given);
  await isKept(phone);
  const own = (await phone.getByTestId("voucher").getAttribute("data-token"))!;
  const until = new Date(Number(await phone.getByTestId("voucher").getAttribute("data-until")));
  await phone.context().setOffline(true);
  await phone.goto("/business");
  await expect(phone.getByTestId("pass-on")).toBeVisible();
  return { kiosk, phone, first, second, own, until };
}

/** The minute on clocks in Seoul, as a field takes it. */
const minute = (at: Date) => new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 16);

async function isRefused(kiosk: KioskPage, code: string): Promise<void> {
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(code);
  await expect(kiosk.notice).toContainText(/damaged|cannot be read/i);
  await expect(kiosk.page.getByTestId("close-door")).toHaveCount(0);
}

test("a code narrowed without network opens its part at a kiosk without network, under the technician's name", async ({ open, server }) => {
  test.setTimeout(120_000);
  const { kiosk, phone, second } = await foreman(open, server);
  const hour = 3_600_000;
  const six = new Date(Math.ceil(Date.now() / hour) * hour + hour);
  if (minute(six).endsWith("00:00")) six.setTime(six.getTime() + hour);
  const technician = (await passOnWithoutNetwork(phone, "김기사", [second.thingsSq], minute(six)))!;
  const card = phone.getByTestId("offline-codes").getByTestId("voucher").last();
  await expect(card.getByTestId("voucher-for")).toHaveText("For 김기사");
  await expect(card.getByTestId("voucher-doors")).toHaveText(second.label);
  // A round hour is shown as it was given, and not as the minute before.
  await expect(card.getByTestId("voucher-until")).toContainText(`, ${minute(six).slice(11)}, also`);
  await expectAccessible(phone);
  await kiosk.read(card.getByTestId("code"), kiosk.page.getByTestId("close-door"));
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", second.label);
  await expect(kiosk.page.getByTestId("voucher-rest")).toHaveText("For 김기사");
  await kiosk.closeDoor();
  await kiosk.done();
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(technician);
  await expect(kiosk.notice).toContainText(/used/i);
});

test("nobody widens it again: neither by another header nor by a caveat that is chained well", async ({ open, server }) => {
  test.setTimeout(120_000);
  const { kiosk, phone, first, second, own, until } = await foreman(open, server);
  const technician = (await passOnWithoutNetwork(phone, "김기사", [second.thingsSq]))!;
  const [[wide], [narrowHeader, claims, signature]] = [own.split("."), technician.split(".")];
  const forgedHeader = Buffer.from(Buffer.from(narrowHeader!, "base64url").toString().replace(second.thingsSq, first.thingsSq)).toString("base64url");
  for (const forged of [
    [wide, claims, signature].join("."),
    [forgedHeader, claims, signature].join("."),
    chained(technician, { orders: [first.thingsSq] }),
    chained(technician, { until: until.getTime() / 1_000 + 3_600 }),
    chained(technician, { everything: true }),
  ]) await isRefused(kiosk, forged);
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(technician);
  await expect(kiosk.page.getByTestId("close-door")).toHaveAttribute("data-label", second.label);
});

test("it is passed on three times, and a fourth is refused by the phone and by the kiosk", async ({ open, server }) => {
  test.setTimeout(120_000);
  const { kiosk, phone, second } = await foreman(open, server);
  let last = "";
  for (const name of ["김기사", "이기사", "박기사"]) last = (await passOnWithoutNetwork(phone, name, name === "김기사" ? [second.thingsSq] : []))!;
  expect(await passOnWithoutNetwork(phone, "최기사")).toBeUndefined();
  await expect(phone.getByTestId("pass-on").last().getByRole("alert")).toContainText("passed on three times");
  await isRefused(kiosk, chained(last, { name: "최기사" }));
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(last);
  await expect(kiosk.page.getByTestId("voucher-rest")).toHaveText("For 박기사");
});

test("a time after its end or in the past is refused in words, and what was typed stays", async ({ open, server }) => {
  const { phone, until } = await foreman(open, server);
  const form = phone.getByTestId("pass-on");
  const [late, past] = [new Date(until.getTime() + 60_000), new Date(Date.now() - 3_600_000)];
  await form.locator("summary").click();
  for (const [at, words] of [[late, "never opens more or longer"], [past, "between now and"]] as const) {
    await form.getByLabel("Name").fill("김기사");
    await form.getByLabel("Good until").fill(minute(at));
    await form.getByRole("button").click();
    await expect(form.getByRole("alert")).toContainText(words);
    await expect(form.getByLabel("Name")).toHaveValue("김기사");
  }
});
