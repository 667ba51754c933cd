import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { onSessionEnded, openLiveSocket } from '@/api'
import { LiveHub, provideLive } from '@/live'
import { createLocale, languages } from '@/locale'
import { useStored, useTheme } from '@/widgets'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './theme.css'
import './base.css'
import ShellRoot from './ShellRoot.vue'
import { languageKey } from './language'
import { createShellRouter } from './router'
import { useSession } from './session'

/** Puts the shell into the page's element `host` and brings it to life. */
export function startShell(host: string): void {
  const app = createApp(ShellRoot)
  app.use(createPinia())
  useTheme()
  const language = useStored('language', languages, 'zh-CN')
  const locale = createLocale(language.value)
  app.use(locale)
  app.provide(languageKey, language)

  const session = useSession()
  void session.ready()
  const hub = new LiveHub({ open: openLiveSocket, frame: (draw) => requestAnimationFrame(draw), refused: () => void session.check() })
  provideLive(app, hub)
  session.onChange((user) => (user ? hub.start() : hub.stop()))

  const router = createShellRouter(session)
  app.use(router)
  onSessionEnded(() => session.forget())
  app.mount(host)
}
