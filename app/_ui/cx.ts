/** Joins the class names that hold. */
export function cx(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}

/** The four states a part can be in. Each is always said in words or with an icon, never by colour alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'accent'
