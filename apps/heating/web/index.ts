import { HomeFilled, OfficeBuilding } from '@element-plus/icons-vue'
import { defineApp } from '@/apps'

export default defineApp({
  id: 'heating',
  searchTypes: ['station', 'heat_source', 'building', 'device'],
  pages: [
    { name: 'heating.overview', path: '/heating/overview', page: () => import('./overview/OverviewPage.vue'), menu: { icon: HomeFilled, order: 10 } },
    { name: 'heating.stations', path: '/heating/stations', page: () => import('./stations/StationListPage.vue'), menu: { icon: OfficeBuilding, order: 20 } },
    { name: 'heating.station', path: '/heating/stations/:code', page: () => import('./station/StationPage.vue'), recordType: 'station' },
  ],
})
