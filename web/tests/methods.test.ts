import { expect, test } from "vitest";
import { methodHow, methodTitle } from "../src/sample/methods.ts";

test.each([
  ["pgd-linf", "PGD, L∞"],
  ["grad_cam", "Grad-CAM"],
  ["my_own_attack", "my own attack"],
  ["constructor", "constructor"],
])("%s is printed as %s", (method, title) => {
  expect(methodTitle(method)).toBe(title);
});

test("what a method does is said only where it is known", () => {
  expect(methodHow("deepfool")).toContain("boundary");
  expect(methodHow("my_own_attack")).toBe("");
});
