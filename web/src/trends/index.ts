/** Curves over time. The page and its chart are loaded when first opened; the mini trend is small enough to be always there. */
export { default as MiniTrend } from './MiniTrend.vue'
export { trendLink } from './query'
export const trendPage = () => import('./TrendPage.vue')
