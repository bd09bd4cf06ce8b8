import { describe, expect, test } from "vitest";
import { layoutOf, OPEN, opened, roomsFromText, roomsToText } from "../src/chrome/rooms.ts";

describe("rooms", () => {
  test("a room opens on its own side and leaves the other", () => {
    expect(opened(OPEN, "findings")).toEqual({ left: "findings", right: "sample", last: "findings" });
  });

  test("what a link says of rooms is what was open, and nothing at the start", () => {
    const open = opened(opened(OPEN, "diagnosis"), "place");
    expect(roomsFromText(roomsToText(open))).toEqual(open);
    expect(roomsToText(OPEN)).toBe("");
  });

  test("names that are no rooms, or stand on the wrong side, are left out", () => {
    expect(roomsFromText("sample.network.<script>")).toEqual(OPEN);
  });

  test("columns come with width", () => {
    expect([360, 800, 1280].map(layoutOf)).toEqual(["narrow", "medium", "wide"]);
  });
});
