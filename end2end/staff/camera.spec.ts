// What the scanner says where there is no picture, and that typing works then as well.
import type { Page } from "@playwright/test";
import { Device } from "../fixtures/device";
import { expect, expectAccessible, test } from "../fixtures/test";

/** From now on the camera refuses, as browsers do. */
async function refuseCamera(page: Page, name: string): Promise<void> {
  await page.addInitScript((problem) => {
    const media = navigator.mediaDevices;
    const works = media.getUserMedia.bind(media);
    let refuses = true;
    media.getUserMedia = async (wanted) => {
      if (refuses) throw new DOMException("as the test wants it", problem);
      return works(wanted);
    };
    Object.assign(window, { __repairCamera: () => { refuses = false; } });
  }, name);
}

async function typeCode(page: Page, code: string): Promise<void> {
  const typing = page.locator(".scanner-typing");
  await expect(typing).toHaveAttribute("open");
  await typing.locator("textarea").fill(code);
  await typing.getByRole("button").click();
}

const problems: [string, RegExp][] = [
  ["NotAllowedError", /not allowed for this page/],
  ["SecurityError", /not allowed for this page/],
  ["NotFoundError", /No camera was found/],
  ["OverconstrainedError", /No camera was found/],
  ["NotReadableError", /Another app is using the camera/],
  ["AbortError", /Another app is using the camera/],
  ["TypeError", /could not be started/],
];

for (const [name, says] of problems) {
  test(`a camera that answers ${name}: the scanner says so, and a code can be typed`, async ({ open, server }) => {
    const page = await open("staff");
    await refuseCamera(page, name);
    await page.goto("/staff/scan");
    await expect(page.getByTestId("scanner-says")).toHaveText(says);
    await expectAccessible(page);
    await typeCode(page, (await Device.enrol(server, 1234)).deposit());
    await expect(page.getByTestId("sheet").locator("[data-order]").first()).toBeVisible();
  });
}

test("a camera that works again is found by the button", async ({ open }) => {
  const page = await open("staff");
  await refuseCamera(page, "NotReadableError");
  await page.goto("/staff/scan");
  const again = page.locator("[data-do=again]");
  await expect(again).toBeVisible();
  await again.click();
  await expect(page.getByTestId("scanner-says")).toHaveText(/Another app/);
  await page.evaluate(() => (window as unknown as { __repairCamera(): void }).__repairCamera());
  await again.click();
  await expect(again).toBeHidden();
  await expect(page.getByTestId("scanner-says")).not.toHaveText(/Another app/);
});

test("without HTTPS there is no camera at all: the scanner says why, and a code can be typed", async ({ open, server }) => {
  const page = await open("staff");
  // What browsers do on pages that did not come safely.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "mediaDevices", { get: () => undefined }));
  await page.goto("/staff/scan");
  await expect(page.getByTestId("scanner-says")).toHaveText(/only on a secure address/);
  await typeCode(page, (await Device.enrol(server, 1234)).deposit());
  await expect(page.getByTestId("sheet").locator("[data-order]").first()).toBeVisible();
});

test("the scanner with a live picture is accessible, in each language", async ({ open }) => {
  for (const locale of ["ko-KR", "zh-CN", "en-GB"]) {
    const page = await open("staff", { locale });
    await page.goto("/staff/scan");
    await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth)).toBe(640);
    await expect(page.locator(".scanner-typing")).not.toHaveAttribute("open");
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/looks/${locale.slice(0, 2)}-phone_staff_scan_live.png` });
  }
});
