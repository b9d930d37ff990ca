// What scripts/compiled-twice.mjs makes of what cargo reports. `make lint` runs it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const REGISTRY = "registry+https://github.com/rust-lang/crates.io-index#";

/** One line of `cargo --message-format=json`. */
function artifact(id, { features = ["std"], fresh = false, level = "3", kind = "lib" } = {}) {
  return JSON.stringify({ reason: "compiler-artifact", package_id: id, target: { kind: [kind] }, profile: { opt_level: level, test: false }, features, fresh });
}

/** What the script says of a build and of the test build after it. */
function compare(t, built, tested) {
  const folder = mkdtempSync(join(tmpdir(), "compiled-twice-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [build, tests] = [join(folder, "built.json"), join(folder, "tests.json")];
  const end = JSON.stringify({ reason: "build-finished", success: true });
  writeFileSync(build, [...built, end, ""].join("\n"));
  writeFileSync(tests, [...tested, end, ""].join("\n"));
  return spawnSync(process.execPath, [join(import.meta.dirname, "compiled-twice.mjs"), build, tests], { encoding: "utf8" });
}

const hyper = `${REGISTRY}hyper@1.6.0`;
const axum = `${REGISTRY}axum@0.8.9`;

test("a dependency compiled again with another feature is reported with that feature", (t) => {
  const result = compare(t, [artifact(hyper), artifact(axum)], [artifact(hyper, { features: ["std", "client"] }), artifact(axum)]);
  assert.equal(result.status, 1);
  assert.match(result.stderr, /hyper@1\.6\.0 \(lib, level 3\) with the features client/);
  assert.match(result.stderr, /axum@0\.8\.9 \(lib, level 3\) because something below it was/);
});

test("dependencies that are used as they were built are accepted", (t) => {
  const result = compare(t, [artifact(hyper)], [artifact(hyper, { fresh: true })]);
  assert.deepEqual([result.status, result.stderr], [0, ""]);
});

test("what only tests use may be compiled for them", (t) => {
  assert.equal(compare(t, [artifact(hyper)], [artifact(hyper, { fresh: true }), artifact(`${REGISTRY}proptest@1.7.0`)]).status, 0);
});

test("our own crates are compiled again for their tests", (t) => {
  const own = "path+file:///work/latchkey/server#0.1.0";
  assert.equal(compare(t, [artifact(own)], [artifact(own)]).status, 0);
});

test("a crate for the building machine and the same one for the server are two", (t) => {
  assert.equal(compare(t, [artifact(hyper, { level: "0" })], [artifact(hyper)]).status, 0);
});
