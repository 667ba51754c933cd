/** Live values over one shared connection. `useLivePoints()` is all that a page needs; the shell makes the hub and starts it. */
export { LiveHub, type HubSettings, type LineState, type LiveValue } from './hub'
export { provideLive, useCommandEvents, useLiveHub, useLivePoints, useNow, type LivePoints } from './use_live'
