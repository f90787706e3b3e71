// Builds the page into the Python package: src/studiolo/webapp, which the server serves.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./", // works behind any prefix
  plugins: [react()],
  build: {
    outDir: "../src/studiolo/webapp",
    emptyOutDir: true,
    manifest: true, // for scripts/check-size.mjs
    sourcemap: false,
    target: "es2022",
    cssCodeSplit: true,
    assetsInlineLimit: 0, // nothing as data: but what the policy allows
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000, // kB; what counts is the bound of scripts/check-size.mjs
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8765", ws: true } } },
});
