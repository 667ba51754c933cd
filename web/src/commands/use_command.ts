import { computed, onScopeDispose, shallowRef } from 'vue'
import { asProblem, executeCommand, getCommand, selectCommand, type Command, type Problem, type Selection } from '@/api'
import { useCommandEvents } from '@/live'

export type CommandStep = 'enter' | 'confirm' | 'running' | 'done'

const poll_ms = 1000

/** Select → execute → read back, one command at a time. The server's refusals are `problem`. */
export function useCommand(point: () => string) {
  const selection = shallowRef<Selection>()
  const command = shallowRef<Command>()
  const problem = shallowRef<Problem>()
  const isBusy = shallowRef(false)
  let timer: ReturnType<typeof setInterval> | undefined

  const step = computed<CommandStep>(() => {
    if (command.value) return command.value.outcome === 'running' ? 'running' : 'done'
    return selection.value ? 'confirm' : 'enter'
  })

  const attempt = async (act: () => Promise<void>) => {
    isBusy.value = true
    problem.value = undefined
    try {
      await act()
    } catch (caught) {
      problem.value = asProblem(caught)
    } finally {
      isBusy.value = false
    }
  }
  const follow = (news: Command) => {
    if (String(news.id) !== String(command.value?.id)) return
    command.value = news
    if (news.outcome !== 'running') clearInterval(timer)
  }
  useCommandEvents(follow)
  onScopeDispose(() => clearInterval(timer))

  const select = (value: number) => attempt(async () => void (selection.value = await selectCommand(point(), value)))
  const execute = () =>
    attempt(async () => {
      if (!selection.value) return
      command.value = await executeCommand(selection.value.id)
      clearInterval(timer)
      timer = setInterval(() => void poll(), poll_ms)
    })
  const poll = async () => {
    if (step.value !== 'running' || !command.value) return clearInterval(timer)
    // A missed answer is asked for again a second later; the end also comes over the live line.
    const news = await getCommand(command.value.id).catch(() => undefined)
    if (news) follow(news)
  }
  const reset = () => {
    clearInterval(timer)
    selection.value = undefined
    command.value = undefined
    problem.value = undefined
  }
  return { step, selection, command, problem, isBusy, select, execute, reset }
}
