// Pages about one thing: two columns on a desk, one below the other on a phone.
import { type Who, expect, expectAccessible, test } from "./fixtures/test";

const PAGES: [Who, string][] = [
  ["staff", "/staff/orders/1016"], ["staff", "/staff/orders/1050"], ["staff", "/staff/kiosks/1234?door=1.1#door"],
  ["hanbit", "/business/orders/1016"], ["operator", "/operator/orders/1016"], ["operator", "/operator/people/01000000002"],
  ["operator", "/operator/settings"],
];

for (const javaScriptEnabled of [true, false]) {
  test(`pages about one thing have two columns on a desk and one on a phone, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open }) => {
    for (const [who, path] of PAGES) {
      const page = await open(who, { viewport: { width: 1440, height: 900 }, javaScriptEnabled });
      await page.goto(path);
      const columns = page.locator("main .two > *");
      await expect(columns, path).toHaveCount(2);
      const boxes = async () => Promise.all([0, 1].map(async (at) => (await columns.nth(at).boundingBox())!));
      const beside = (await boxes()).sort((one, two) => one.x - two.x);
      expect(beside[1]!.x, path).toBeGreaterThanOrEqual(beside[0]!.x + beside[0]!.width);
      expect(Math.abs(beside[0]!.y - beside[1]!.y), path).toBeLessThan(2);
      if (javaScriptEnabled) await expectAccessible(page);
      await page.setViewportSize({ width: 390, height: 844 });
      const [above, below] = await boxes();
      expect(below!.y, path).toBeGreaterThanOrEqual(above!.y + above!.height);
      expect(below!.x, path).toBe(above!.x);
    }
  });
}
