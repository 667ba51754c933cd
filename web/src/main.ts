import { startShell } from '@/shell'

startShell('#app')
