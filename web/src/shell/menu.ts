import type { Component } from 'vue'
import { Collection, Connection, List, TrendCharts } from '@element-plus/icons-vue'
import { apps } from './app_list'

export interface MenuEntry {
  name: string
  path: string
  icon: Component
  order: number
}

const own: MenuEntry[] = [
  { name: 'trend', path: '/trend', icon: TrendCharts, order: 500 },
  { name: 'points', path: '/points', icon: List, order: 600 },
  { name: 'devices', path: '/devices', icon: Connection, order: 700 },
  { name: 'records', path: '/records/device', icon: Collection, order: 800 },
]

/** The task menu: the apps' pages and our own, in their order. Titles are the messages `<name>.title`. */
export const menu: readonly MenuEntry[] = [
  ...apps.flatMap((app) => app.pages).flatMap((page) => (page.menu ? [{ name: page.name, path: page.path, ...page.menu }] : [])),
  ...own,
].sort((a, b) => a.order - b.order)

export const homePath = menu[0]?.path ?? '/points'
