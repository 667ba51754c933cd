import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationRaw, type Router, type RouteRecordRaw } from 'vue-router'
import { typeOfRecord } from '@/api'
import { recordLinkOf } from '@/apps'
import { devicePage } from '@/devices'
import { pointPage } from '@/points'
import { recordListPage, recordPage } from '@/records'
import { trendPage } from '@/trends'
import { apps } from './app_list'
import { homePath } from './menu'
import type { useSession } from './session'

const appRoutes: RouteRecordRaw[] = apps
  .flatMap((app) => app.pages)
  .map((page) => ({ path: page.path, name: page.name, component: page.page, props: true, meta: page.recordType ? { recordType: page.recordType } : {} }))

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', component: () => import('./SignInPage.vue'), meta: { open: true } },
  { path: '/', redirect: homePath },
  ...appRoutes,
  { path: '/trend', name: 'trend', component: trendPage },
  { path: '/points', name: 'points', component: pointPage },
  { path: '/devices', name: 'devices', component: devicePage },
  { path: '/records/:type', name: 'records', component: recordListPage, props: true },
  { path: '/records/:type/:code', name: 'record', component: recordPage, props: true },
  { path: '/record/:code', name: 'record-by-code', component: () => import('./MissingPage.vue') },
  { path: '/:rest(.*)*', name: 'missing', component: () => import('./MissingPage.vue') },
]

/** `/record/xc.s01.n1.h023`: a code alone leads to its record's page, whatever its type. */
async function pageOfCode(router: Router, code: string): Promise<RouteLocationRaw> {
  const type = await typeOfRecord(code).catch(() => '')
  return type ? recordLinkOf(router)(type, code) : { name: 'missing', params: { rest: ['record', code] } }
}

/** Who is not signed in is led to the sign-in page, and back to where they wanted to go. */
export function createShellRouter(session: ReturnType<typeof useSession>): Router {
  const router = createRouter({ history: createWebHistory(), routes })
  router.beforeEach(async (to) => {
    if (to.meta.open) return true
    await session.ready()
    if (session.user) return to.name === 'record-by-code' ? pageOfCode(router, String(to.params.code)) : true
    return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  })
  watch(
    () => session.user,
    (user) => {
      const here = router.currentRoute.value
      if (!user && here.name && !here.meta.open) void router.push({ name: 'sign-in', query: { to: here.fullPath } })
    },
  )
  return router
}
