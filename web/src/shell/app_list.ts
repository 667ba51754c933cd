import type { AppDefinition } from '@/apps'

const files = import.meta.glob<{ default: AppDefinition }>('../../../apps/*/web/index.ts', { eager: true })

/** Every app that has a folder with a web part; adding the folder is all it takes. */
export const apps: readonly AppDefinition[] = Object.values(files).map((file) => file.default)
