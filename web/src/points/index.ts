/** Points as such: the table of all of them, the card that tells everything about one, substitution by hand. */
export { default as PointCard } from './PointCard.vue'
export const pointPage = () => import('./PointPage.vue')
