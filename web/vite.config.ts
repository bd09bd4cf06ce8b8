import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The page's Content-Security-Policy forbids compiling text, which arrow's builder does; we only read. */
function readOnlyArrow(): Plugin {
  return {
    name: "read-only-arrow",
    enforce: "pre",
    load(id) {
      if (!/apache-arrow\/builder\/valid\.mjs$/.test(id)) return null;
      return "export const createIsValidFunction = () => () => true;";
    },
  };
}

export default defineConfig({
  plugins: [readOnlyArrow(), svelte()],
  build: {
    target: "es2022",
    cssCodeSplit: false,
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: "src/main.ts",
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        codeSplitting: false,
        entryFileNames: "explorer.js",
        assetFileNames: "explorer.[ext]",
      },
    },
  },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: { include: ["tests/**/*.test.ts"] },
});
