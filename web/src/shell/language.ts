import { inject, watch, type InjectionKey, type ShallowRef } from 'vue'
import { type Language, useWords } from '@/locale'

export const languageKey: InjectionKey<ShallowRef<Language>> = Symbol('language')

/** The language people have chosen; changing it changes every word on the page and is remembered. */
export function useLanguage(): { language: ShallowRef<Language>; toggle: () => void } {
  const language = inject(languageKey)
  if (!language) throw new Error('no language above this component')
  const { locale } = useWords()
  watch(
    language,
    (name) => {
      locale.value = name
      document.documentElement.lang = name
    },
    { immediate: true },
  )
  return { language, toggle: () => (language.value = language.value === 'en' ? 'zh-CN' : 'en') }
}
