// What the server makes and an operator hands over: seen again after a reload, copied, shared, printed; and the page hears of the device.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 } };

/** The digits of the code that the page shows. */
async function code(page: Page): Promise<string> {
  return (await page.getByTestId("enrolment-code").innerText()).replace(/\D/g, "");
}

for (const [size, options] of [["desk", DESK], ["phone", PHONE]] as const) {
  test(`a new person's password survives a reload, is copied as a sentence, and is hidden once it was passed on (${size})`, async ({ open, server }) => {
    const page = await open("operator", { ...options, permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto("/operator/people/new?role=staff");
    await page.fill("#phone", "010-7777-1234");
    await page.fill("#name", "새 직원");
    await page.getByTestId("person-form").locator("button").click();
    await expect(page).toHaveURL(/\/operator\/people\/01077771234/);
    const password = (await page.getByTestId("password-once").innerText()).trim();
    await openAwake(page, page.url());
    await expect(page.getByTestId("password-once")).toHaveText(password);
    expect(page.url()).not.toContain(password);
    await page.getByTestId("copy").click();
    await expect(page.getByText("Copied")).toBeVisible();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(password);
    expect(copied).toContain(`${server.url}/sign-in`);
    await expect(page.getByTestId("print")).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
    await page.getByTestId("hide-secret").click();
    await expect(page.getByTestId("password-once")).toBeHidden();
    await page.reload();
    await expect(page.getByTestId("password-once")).toBeHidden();
  });
}

test("a kiosk's code names the address as a QR code too, and the page says when the device has enrolled", { tag: "@database" }, async ({ open, server }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/kiosks/new");
  for (const [field, value] of [["yid", "778"], ["name", "용산지사"], ["boards", "1"], ["ports", "4"]]) await page.fill(`#${field}`, value!);
  await page.getByTestId("kiosk-form").locator("button").click();
  await expect(page.getByTestId("waiting-for-device")).toBeVisible();
  await expect(page.getByTestId("address")).toHaveText(`${server.url}/kiosk`);
  await expect(page.getByRole("img", { name: "QR code of the address" })).toBeVisible();
  await openAwake(page, "/operator/kiosks/778");
  const enrolled = await page.request.post(`${server.url}/v1/Kiosks/Enrol`, { data: { code: await code(page) } });
  expect(enrolled.ok()).toBe(true);
  // Without a reload.
  await expect(page.getByTestId("enrolled-now")).toContainText(/Enrolled \d\d:\d\d/);
  await page.reload();
  await expect(page.getByTestId("enrolled-now")).toBeVisible();
  await expect(page.getByTestId("enrolment-code")).toBeHidden();
});

test("without a script the code is shown, and again after a reload", async ({ open }) => {
  const page = await open("operator", { ...PHONE, javaScriptEnabled: false });
  await page.goto("/operator/kiosks/1234");
  await page.getByTestId("make-code").click();
  const shown = await code(page);
  expect(shown).toMatch(/^\d{8}$/);
  await page.reload();
  expect(await code(page)).toBe(shown);
});
