import { Device } from "../fixtures/device";
import { expect, test } from "../fixtures/test";

test("a compartment whose deposit was scanned and not completed is shown as waiting, to all staff", { tag: "@database" }, async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const compartment = kiosk.free();
  const [staff, other] = [await open("staff"), await open("otherStaff")];
  const scanned = await staff.request.post("/v1/QrData", { data: { data: kiosk.deposit(compartment) } });
  expect(scanned.status()).toBe(200);

  await other.goto("/staff/kiosks/1234");
  const door = other.getByTestId("cabinet").locator(`[data-door=${compartment.label}]`);
  await expect(door).toContainText("Scanned");
  await door.click();
  await expect(other.getByTestId("door-story")).toContainText("waits to be completed");

  await staff.goto("/staff/orders/1016");
  await staff.getByTestId("complete").click();
  await expect(staff.getByTestId("deposit-done")).toBeVisible();
  await other.goto("/staff/kiosks/1234");
  await expect(door).toContainText("Stored");
});
