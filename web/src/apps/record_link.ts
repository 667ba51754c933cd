import { useRouter, type RouteLocationRaw } from 'vue-router'

/** Where a record is shown: the app's own page of its type, or else the general one. */
export function useRecordLink(): (type: string, code: string) => RouteLocationRaw {
  const router = useRouter()
  const pageOf = new Map(router.getRoutes().map((route) => [route.meta.recordType, route.name]))
  return (type, code) => {
    const name = pageOf.get(type)
    return name ? { name, params: { code } } : { name: 'record', params: { type, code } }
  }
}
