import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vitest/config'
import { firstViewBudget, gzipAssets, resolveAppImports } from './build/plugins.ts'

const webFolder = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')
const server = process.env.NUANSHU_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    resolveAppImports(webFolder),
    vue(),
    Components({
      dirs: [],
      dts: false,
      include: [/\.vue$/, /\.vue\?vue/],
      resolvers: [ElementPlusResolver({ importStyle: 'css' })],
    }),
    firstViewBudget(500_000),
    gzipAssets(),
  ],
  resolve: { alias: { '@': `${webFolder}/src` } },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: true,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, reportCompressedSize: false },
  server: {
    fs: { allow: ['..'] },
    proxy: { '/api': { target: server, ws: true }, '/healthz': { target: server } },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', '../apps/*/web/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
