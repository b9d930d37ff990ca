// `SaveToData` of small and large kiosks, through the camera: moving codes where one picture does not hold it.
import type { Page } from "@playwright/test";
import { lookAway, showUntil } from "../fixtures/camera";
import { Device } from "../fixtures/device";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

/** Notes what the scanner says of its progress; kept when the page goes on to the next. */
async function noteProgress(phone: Page): Promise<void> {
  await phone.addInitScript(() => addEventListener("DOMContentLoaded", () => {
    const says = document.querySelector(".scanner-says");
    if (!says) return;
    new MutationObserver(() => {
      const percent = /(\d+) %/.exec(says.textContent ?? "")?.[1];
      if (percent) sessionStorage.setItem("progress", `${sessionStorage.getItem("progress") ?? ""} ${percent}`.trim());
    }).observe(says, { childList: true, characterData: true, subtree: true });
  }));
}

/** What was noted, in per cent. */
async function progress(phone: Page): Promise<number[]> {
  const noted = await phone.evaluate(() => sessionStorage.getItem("progress") ?? "");
  return noted.split(" ").filter(Boolean).map(Number);
}

for (const [compartments, boards, ports, moves] of [[4, 1, 4, false], [64, 4, 16, undefined], [256, 16, 16, true]] as const) {
  test(`the data of ${compartments} compartments reaches the server through the camera`, { tag: compartments === 256 ? "@database" : [] }, async ({ open, server }) => {
    test.setTimeout(120_000);
    const yid = 2000 + compartments;
    await server.cli(["kiosk", "add", "--yid", String(yid), "--name", `K${compartments}`, "--boards", String(boards), "--ports", String(ports)]);
    // An earlier device filled it; the new one takes over what is in it.
    await (await Device.enrol(server, yid)).fill();
    const kiosk = await KioskPage.enrol(open, server, yid);
    await kiosk.offline(true);
    const staff = await open("staff");
    // This kiosk has no PIN: staff show their pass.
    await staff.goto(`/staff/pass/${yid}`);
    await kiosk.page.getByTestId("staff-area").click();
    await kiosk.read(staff.getByTestId("code"), kiosk.page.getByTestId("tab-doors"));
    if (moves !== undefined) await expect(kiosk.code).toHaveAttribute("data-moves", String(moves));

    await noteProgress(staff);
    await staff.goto("/staff/scan");
    await showUntil(staff, kiosk.code, async () => /\/staff\/sync/.test(staff.url()), 90_000);
    await lookAway(staff);
    await expect(staff.getByTestId("sync-done")).toContainText(String(yid));
    if (moves !== undefined) {
      const seen = await progress(staff);
      expect(seen.length > 1).toBe(moves);
      expect(seen, "never goes back").toEqual([...seen].sort((a, b) => a - b));
    }

    // And the kiosk's clock on the way back.
    await kiosk.page.getByTestId("tab-device").click();
    await kiosk.read(staff.getByTestId("code"), kiosk.notice);
  });
}
