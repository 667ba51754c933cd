/** What speaks on the wires: gateways, devices, links, with their states, counters and last errors. */
export const devicePage = () => import('./DevicePage.vue')
