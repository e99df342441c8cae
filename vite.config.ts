import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** Absolute, or the development server looks for it below `root`. */
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the Docker client has for making images and for engines behind ssh: never used here, and 20 MB of an agent. */
const unused = /^(@balena\/dockerignore|@grpc\/(grpc-js|proto-loader)|protobufjs|ssh2|tar-fs)$/;
const leaveOut: Plugin = {
  name: "leave-out",
  enforce: "pre",
  resolveId: (id) => (unused.test(id) ? "\0left-out" : undefined),
  load: (id) => (id === "\0left-out" ? "export {};" : undefined),
};

/**
 * Two builds in one: the console for browsers into `dist/renderer`, and the program for Node into `dist/main`. The
 * program is bundled so that an agent loads a few files and only the parts of the libraries that it uses: unbundled, the
 * schema library alone would cost it 12 MB.
 */
export default defineConfig({
  root: "src-renderer",
  publicDir: false,
  plugins: [leaveOut, svelte()],
  environments: {
    client: {
      build: {
        outDir: "../dist/renderer",
        emptyOutDir: true,
        target: "es2022",
        modulePreload: { polyfill: false },
        rolldownOptions: { input: fileOf("src-renderer/index.html") },
      },
    },
    ssr: {
      resolve: {
        noExternal: true,
        // With native parts, or so large that only what is asked for should be loaded.
        external: ["@node-rs/argon2", "bufferutil", "node-pty", "systeminformation", "utf-8-validate"],
      },
      build: {
        ssr: true,
        outDir: "../dist/main",
        emptyOutDir: true,
        target: "node24",
        minify: false,
        sourcemap: true,
        rolldownOptions: {
          input: {
            headless: fileOf("src-main/headless.ts"),
            sqliteWorker: fileOf("src-main/store/sqlite/sqliteWorker.ts"),
            collectFacts: fileOf("src-main/agent/facts/collectFacts.ts"),
          },
          // Flat: files that start each other find each other beside themselves.
          output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
  server: {
    // `npm run dev`: the console from source, everything else from the core that runs beside it.
    proxy: {
      "/api": { target: "http://127.0.0.1:9999", ws: true },
      "/ws": { target: "ws://127.0.0.1:9999", ws: true },
    },
  },
});
