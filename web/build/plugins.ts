import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const compressible = /\.(js|css|html|svg|json)$/

/** Writes a `.gz` beside each text asset, so that the server only has to hand it out. */
export function gzipAssets(): Plugin {
  let folder = ''
  return {
    name: 'nuanshu-gzip',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (compressible.test(entry)) compress(join(folder, entry))
      }
    },
  }
}

function compress(file: string): void {
  const plain = readFileSync(file)
  const packed = gzipSync(plain, { level: 9 })
  if (packed.length < plain.length) writeFileSync(`${file}.gz`, packed)
}

/** Pages of apps stand outside `web/`, where no `node_modules` is above them: their packages are looked up from here. */
export function resolveAppImports(webFolder: string): Plugin {
  const appsFolder = resolve(webFolder, '../apps')
  const insider = join(webFolder, 'src/main.ts')
  return {
    name: 'nuanshu-apps',
    enforce: 'pre',
    resolveId(source, importer) {
      const isBare = /^[@a-z]/i.test(source) && !source.startsWith('@/')
      if (!isBare || !importer?.startsWith(appsFolder)) return null
      return this.resolve(source, insider, { skipSelf: true })
    },
  }
}

/** Fails the build when what a browser must load before the first page shows is over `bytes_max`, gzipped. */
export function firstViewBudget(bytes_max: number): Plugin {
  return {
    name: 'nuanshu-budget',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = Object.values(bundle).find((file) => file.type === 'asset' && file.fileName === 'index.html')
      if (page?.type !== 'asset') return
      const named = [...String(page.source).matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
      const bytes = named.reduce((total, name) => total + packedSize(bundle[name]), 0)
      const text = `first view: ${Math.round(bytes / 1000)} kB of at most ${Math.round(bytes_max / 1000)} kB, gzipped`
      if (bytes > bytes_max) this.error(`${text}; load the newest addition lazily`)
      this.info(text)
    },
  }
}

function packedSize(file: { type: 'asset'; source: string | Uint8Array } | { type: 'chunk'; code: string } | undefined): number {
  if (!file) return 0
  return gzipSync(file.type === 'chunk' ? file.code : file.source).length
}
