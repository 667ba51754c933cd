import { defineStore } from 'pinia'
import { watch } from 'vue'
import { useStored } from './use_stored'

export type Theme = 'light' | 'dark'

/** The operating theme. Pictures that do not follow CSS (charts, map) watch it. */
export const useTheme = defineStore('theme', () => {
  const dark = globalThis.matchMedia('(prefers-color-scheme: dark)').matches
  const theme = useStored<Theme>('theme', ['light', 'dark'], dark ? 'dark' : 'light')
  watch(
    theme,
    (name) => {
      document.documentElement.dataset.theme = name
      document.documentElement.classList.toggle('dark', name === 'dark')
    },
    { immediate: true, flush: 'sync' },
  )
  const toggle = () => (theme.value = theme.value === 'dark' ? 'light' : 'dark')
  return { theme, toggle }
})
