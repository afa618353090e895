import { ButtonLink } from './button'

export type PagerProps = {
  /** What is shown, in words: "1 to 15 of 48", "The latest 50". */
  text: string
  /** Keyset pages: absent means there is none. */
  earlierHref?: string
  laterHref?: string
  /** Words of the two buttons; "Back" and "Next" unless said. */
  words?: [back: string, next: string]
}

/** Under a list: what part of it is shown, and the way to the next. */
export function Pager({ text, earlierHref, laterHref, words = ['Back', 'Next'] }: PagerProps) {
  return (
    <nav className="pager" aria-label="Pages">
      <span className="num">{text}</span>
      <div className="row">
        <Step href={earlierHref} word={words[0]} />
        <Step href={laterHref} word={words[1]} />
      </div>
    </nav>
  )
}

function Step({ href, word }: { href?: string; word: string }) {
  if (!href) {
    return (
      <span className="btn s" aria-disabled="true">
        {word}
      </span>
    )
  }
  return (
    <ButtonLink size="s" href={href}>
      {word}
    </ButtonLink>
  )
}
