import type { Component } from 'vue'

export type PageLoader = () => Promise<{ default: Component } | Component>

export interface AppPage {
  /** Route's name, unique: `heating.station`. Its title is the message `<name>.title`. */
  name: string
  /** Route's path: `/heating/stations/:code`. */
  path: string
  page: PageLoader
  /** In the task menu: the icon, and its place among the others (small first). Left out: not in the menu. */
  menu?: { icon: Component; order: number }
  /** The type whose records this page shows: links to them lead here, with the code as parameter `code`. */
  recordType?: string
}

export interface AppDefinition {
  /** The app's folder name. */
  id: string
  pages: AppPage[]
  /** Types that global search looks through, most wanted first. */
  searchTypes?: string[]
  /** Parts that other pages may place by name. */
  widgets?: Record<string, PageLoader>
}

/** Says that this is an app; the shell finds it by its folder. */
export function defineApp(app: AppDefinition): AppDefinition {
  return app
}
