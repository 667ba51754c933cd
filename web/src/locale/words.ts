import { useI18n } from 'vue-i18n'

interface Title {
  zh: string
  en: string
}

/** The page's words: `t` for our own, `titleOf` for the server's bilingual titles. */
export function useWords() {
  const { t, te, locale } = useI18n({ useScope: 'global' })
  const titleOf = (title: Title | undefined | null): string => {
    if (!title) return ''
    return locale.value === 'en' ? title.en || title.zh : title.zh || title.en
  }
  return { t, te, locale, titleOf }
}
