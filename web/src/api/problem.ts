/** One field of a form and what is wrong with it. */
export interface FieldError {
  field: string
  text: string
}

/** What the server answers instead of a result: an RFC 9457 problem, or the network's own failure (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail || title)
    this.name = 'Problem'
  }

  /** The server's sentence about one field, "" when it has none. */
  errorOf(field: string): string {
    return this.errors.find((error) => error.field === field)?.text ?? ''
  }
}

interface ProblemBody {
  title?: string
  detail?: string
  errors?: FieldError[]
}

/** Reads the problem out of a refused response; a body that is none still gives a usable one. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: ProblemBody = await response.json().catch(() => ({}))
  return new Problem(response.status, body.title ?? response.statusText, body.detail ?? '', body.errors ?? [])
}

/** Anything caught, as a problem to show. */
export function asProblem(caught: unknown): Problem {
  if (caught instanceof Problem) return caught
  return new Problem(0, 'unreachable', caught instanceof Error ? caught.message : String(caught))
}
