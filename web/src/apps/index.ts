/** What an app brings to the shell: `export default defineApp({ id, pages, searchTypes })` in `apps/<id>/web/index.ts`. */
export { defineApp, type AppDefinition, type AppPage, type PageLoader } from './definition'
export { recordLinkOf, useRecordLink, type RecordLink } from './record_link'
