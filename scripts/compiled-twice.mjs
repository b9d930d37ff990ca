// node compiled-twice.mjs BUILD TEST: fails when the test build compiled a dependency that the build before it had compiled already. Both
// files hold what `cargo … --message-format=json` printed. Our own crates are compiled again for their unit tests; dependencies must not be.
import { readFileSync } from "node:fs";

const artifacts = (file) => readFileSync(file, "utf8").split("\n")
  .filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
  .filter((message) => message.reason === "compiler-artifact" && !message.package_id.startsWith("path+"));
// What runs on the building machine has a profile of its own, so one crate may rightly occur once for each.
const name = ({ package_id, target, profile }) => `${package_id.replace(/^.*#/, "")} (${target.kind.join()}, level ${profile.opt_level})`;

const built = new Map(artifacts(process.argv[2]).map((artifact) => [name(artifact), artifact.features]));
const twice = artifacts(process.argv[3]).filter((artifact) => !artifact.fresh && built.has(name(artifact)));
for (const artifact of twice) {
  const added = artifact.features.filter((feature) => !built.get(name(artifact)).includes(feature));
  const because = added.length > 0 ? `with the features ${added.join(", ")}` : "because something below it was";
  console.error(`compiled twice: ${name(artifact)} ${because}`);
}
if (twice.length > 0) {
  console.error("Tests select other features than the build does: name them in server/workspace-hack/Cargo.toml (docs/CONTRIBUTING.md).");
  process.exit(1);
}
