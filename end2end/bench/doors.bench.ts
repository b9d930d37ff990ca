// How fast a kiosk's page opens a door of a lock board and sees it closed: real Web Serial where there is any, a processor ÷ 4.
import type { Page } from "@playwright/test";
import { asked, test } from "../fixtures/bench";
import { HAS_SERIAL } from "../fixtures/board";
import { PIN } from "../fixtures/kiosk";
import { expect } from "../fixtures/test";
import { line, quantile } from "./report";

const DEPOSITS = 6;
const OPENING_MS = 50;
const CLOSING_MS = 800;

test("a door of a lock board", async ({ bench }) => {
  test.setTimeout(180_000);
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await watch(page);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const opening: number[] = [];
  const closing: number[] = [];
  for (let at = 0; at < DEPOSITS; at++) {
    await kiosk.tile("L");
    await kiosk.type(PIN);
    await page.getByTestId("open-first").click();
    await expect(page.getByTestId("door")).toHaveAttribute("data-stage", "opened");
    opening.push((await board.state()).openedAt[at]! - await when(page, "tapped"));
    const closed = Date.now();
    await board.closeAll();
    await expect(kiosk.code).toBeVisible();
    closing.push(await when(page, "shown") - closed);
    await kiosk.done();
  }
  const wire = HAS_SERIAL ? "Web Serial" : "stand-in for Web Serial";
  const [slowest, latest] = [Math.max(...opening), Math.max(...closing)];
  line(`tap to the opening frame, ${wire}, processor ÷ 4`, `≤ ${OPENING_MS} ms`, `${slowest.toFixed(0)} ms, the slowest of ${DEPOSITS} (median ${quantile(opening, 0.5).toFixed(0)} ms)`, slowest <= OPENING_MS);
  line("  contact closed to closed on the screen", `≤ ${CLOSING_MS} ms`, `${latest.toFixed(0)} ms`, latest <= CLOSING_MS);
});

/** Notes when the button was tapped, and when the code was drawn that follows a closed door. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const marks = window as unknown as Record<string, number>;
    document.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-testid=open-first]")) marks.tapped = Date.now();
    }, true);
    let there = false;
    new MutationObserver(() => {
      const now = document.querySelector("[data-testid=code]") !== null;
      if (now && !there) marks.shown = Date.now();
      there = now;
    }).observe(document.body, { childList: true, subtree: true });
  });
}

const when = (page: Page, mark: "tapped" | "shown") => page.evaluate((mark) => (window as unknown as Record<string, number>)[mark]!, mark);
