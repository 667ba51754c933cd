/** The frame around all pages: signing in, top bar, task menu, search, routes of rooms and apps. */
export { startShell } from './start'
