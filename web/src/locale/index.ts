/** Words, numbers and times as people read them. Knows nothing of the server but the shape of a bilingual title. */
export { createLocale, languages, type Language } from './i18n'
export { useWords } from './words'
export { formatAge, formatDuration, formatNumber, type AgeParts } from './numbers'
export { dayText, plantTimeZone, setPlantTimeZone, timeText } from './times'
