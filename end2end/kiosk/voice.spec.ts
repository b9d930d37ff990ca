// What a kiosk says aloud and what moves there, where it is wanted.
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

/** Browsers of tests have no voices: what would be spoken is written down instead. */
async function listen(page: import("@playwright/test").Page): Promise<void> {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.defineProperty(window, "said", { value: said });
    Object.defineProperty(window, "speechSynthesis", { value: { cancel: () => undefined, speak: ({ text, lang }: SpeechSynthesisUtterance) => said.push(`${lang}: ${text}`) } });
  });
}

test("prompts are spoken once staff turn that on, in the language of the screen, and tones can be turned off", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server, 1234, undefined, listen);
  const { page } = kiosk;
  const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  await kiosk.tile("K");
  await page.getByTestId("back").click();
  await kiosk.staffArea();
  await page.getByTestId("tab-device").click();
  expect(await said(), "silent at first").toEqual([]);
  await expect(page.getByTestId("voice")).toHaveAttribute("aria-pressed", "false");
  await page.getByTestId("voice").click();
  await expect(page.getByTestId("voice")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByTestId("tones")).toHaveAttribute("aria-pressed", "true");
  await page.getByTestId("tones").click();
  await page.getByTestId("leave").click();
  await kiosk.tile("J");
  await expect.poll(said).toContainEqual("en-GB: Whose old meter is it?");
  await kiosk.type("99999999");
  await expect.poll(async () => (await said()).join("\n")).toMatch(/No meter that was picked up has this number/);
  await page.getByTestId("language-ko").click();
  await expect.poll(async () => (await said()).at(-1)).toMatch(/^ko-KR: /);
  // Kept by the device.
  await page.reload();
  await kiosk.tile("K");
  await expect.poll(async () => (await said()).at(-1)).toMatch(/^ko-KR: /);
  expect(await page.evaluate(() => localStorage.getItem("latchkey-kiosk-tones"))).toBe("off");
});

test("the drawn door swings open, and stands open at once where people want no motion", async ({ open, server }) => {
  for (const [reducedMotion, yid] of [["no-preference", 1234], ["reduce", 1235]] as const) {
    const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, reducedMotion }), server, yid);
    const { page } = kiosk;
    await kiosk.tile("J");
    await kiosk.type("1046");
    await page.getByTestId("open-first").click();
    const door = page.locator(".kiosk-pic .door-lit");
    await expect(page.locator(".kiosk-pic")).toHaveAttribute("data-stage", "opened");
    const drawn = await door.evaluate((element) => [getComputedStyle(element).animationName, getComputedStyle(element).transform]);
    expect(drawn[0]).toBe(reducedMotion === "reduce" ? "none" : "kiosk-door-opens");
    expect(drawn[1]).not.toBe("none");
    await kiosk.closeDoor();
    await kiosk.done();
  }
});

test("a cabinet is drawn true to its proportions: doors of two units are twice as high, boards are columns", async ({ open, server }) => {
  const operator = await open("operator", { viewport: { width: 1440, height: 900 } });
  await operator.goto("/operator/kiosks/1234/layout");
  await operator.locator("[data-testid=door-row][data-door=B1]").locator("select").first().selectOption("2");
  await operator.getByTestId("layout-form").getByRole("button").click();
  await expect(operator.getByTestId("notice")).toBeVisible();
  const kiosk = await KioskPage.enrol(open, server, 1234);
  const box = async (label: string) => (await kiosk.page.getByTestId("cabinet").locator(`[data-door=${label}]`).boundingBox())!;
  const [one, two, beside] = [await box("A1"), await box("B1"), await box("B2")];
  expect(two.height / one.height).toBeGreaterThan(1.9);
  expect(two.height / one.height).toBeLessThan(2.6);
  expect(two.width).toBeCloseTo(one.width, 0);
  expect(two.x).toBeGreaterThan(one.x + one.width - 1);
  expect(beside.y).toBeGreaterThan(two.y + two.height - 1);
});
