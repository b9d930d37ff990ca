// Pages that can be installed, and what a phone shows where it has no network.
import { expect, expectAccessible, test } from "../fixtures/test";

for (const [who, home] of [["staff", "/staff"], ["hanbit", "/business"], ["owner", "/owner"]] as const) {
  test(`the pages of ${home} can be installed and start without network`, async ({ open }) => {
    const page = await open(who);
    await page.goto(home);
    const address = await page.locator("link[rel='manifest']").getAttribute("href");
    const manifest = await (await page.request.get(address!)).json() as { start_url: string; icons: { src: string; sizes: string; purpose: string }[] };
    expect(manifest.start_url).toBe(home);
    expect(manifest.icons.map((icon) => icon.purpose)).toEqual(["any", "any", "maskable"]);
    for (const icon of manifest.icons) {
      const drawn = await page.evaluate(async (src) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return `${image.naturalWidth}x${image.naturalHeight}`;
      }, icon.src);
      expect(drawn, icon.src).toBe(icon.sizes);
    }
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await page.context().setOffline(true);
    await page.goto(`${home}?from=home`);
    await expect(page.getByTestId("offline")).toContainText(/No network since/);
    await expectAccessible(page);
    await page.context().setOffline(false);
    // By itself, without a tap.
    await expect(page.getByTestId("offline")).toHaveCount(0);
    expect(new URL(page.url()).pathname).toBe(home);
  });
}

test("the page for no network speaks the language of the pages before it, and names nobody", async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/business");
  for (const [language, words] of [["ko", "네트워크 없음"], ["zh", "没有网络"]] as const) {
    await page.context().addCookies([{ name: "lang", value: language, url: page.url() }]);
    await page.goto("/business");
    await page.evaluate(async () => { await navigator.serviceWorker.ready; });
    await expect(async () => {
      const kept = await page.evaluate(async () => (await caches.match("/offline"))?.text());
      expect(kept).toContain(`<html lang="${language}"`);
    }).toPass();
    await page.context().setOffline(true);
    await page.goto("/business/orders");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(words);
    await expect(page.getByTestId("account")).toHaveCount(0);
    await page.context().setOffline(false);
    await expect(page.getByTestId("offline")).toHaveCount(0);
    await page.goto("/business");
  }
});
