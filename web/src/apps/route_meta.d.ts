import 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Set on the page that shows records of this type. */
    recordType?: string
    /** Reachable without a session. */
    open?: boolean
  }
}
