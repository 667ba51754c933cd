import { useRouter, type RouteLocationRaw, type Router } from 'vue-router'

export type RecordLink = (type: string, code: string) => RouteLocationRaw

/** Where a record is shown: the app's own page of its type, or else the general one. */
export function useRecordLink(): RecordLink {
  return recordLinkOf(useRouter())
}

export function recordLinkOf(router: Router): RecordLink {
  const pageOf = new Map(router.getRoutes().map((route) => [route.meta.recordType, route.name]))
  return (type, code) => {
    const name = pageOf.get(type)
    return name ? { name, params: { code } } : { name: 'record', params: { type, code } }
  }
}
