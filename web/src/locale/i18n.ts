import { createI18n } from 'vue-i18n'
import en from './en.json'
import zh from './zh-CN.json'

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

type Messages = Record<string, unknown>
const appFiles = import.meta.glob<Messages>('../../../apps/*/web/locale/*.json', { eager: true, import: 'default' })

/** An app's words lie under its id: `heating.overview.title`. */
function appMessages(language: Language): Messages {
  const found: Messages = {}
  for (const [file, messages] of Object.entries(appFiles)) {
    const [, app, name] = /apps\/([^/]+)\/web\/locale\/(.+)\.json$/.exec(file) ?? []
    if (app && name === language) found[app] = messages
  }
  return found
}

export function createLocale(language: Language) {
  return createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'zh-CN',
    messages: { 'zh-CN': { ...zh, ...appMessages('zh-CN') }, en: { ...en, ...appMessages('en') } },
  })
}
