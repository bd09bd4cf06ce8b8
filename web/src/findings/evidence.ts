import type { FindingRecord } from "../state/study.ts";

export type Severity = "problem" | "warning" | "note";

/** How grave a finding is; what is unknown counts as a note. */
export function severityOf(finding: FindingRecord): Severity {
  return finding.severity === "problem" || finding.severity === "warning" ? finding.severity : "note";
}

const ROOMS = new Map([
  ["confusion", "diagnosis"],
  ["calibration", "diagnosis"],
  ["cka", "diagnosis"],
  ["cues", "diagnosis"],
  ["class_balance", "diagnosis"],
  ["curves", "diagnosis"],
  ["separability", "network"],
  ["unit_use", "network"],
  ["units", "network"],
  ["filters", "network"],
  ["gradients", "network"],
  ["gradient_history", "diagnosis"],
]);

/** The panel in which a finding's evidence stands; empty where the map itself shows it. */
export function evidenceRoom(finding: FindingRecord): string {
  const room = ROOMS.get(finding.figure ?? "");
  if (room) return room;
  if (finding.samples.length) return "sample";
  return finding.layer ? "network" : "";
}
