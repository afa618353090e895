import { Fragment } from 'react'

/** `keys` are pressed one after the other when there are several. */
export type KeyMapProps = { items: { keys: string[]; does: string }[] }

/** The map of keys that "?" shows. */
export function KeyMap({ items }: KeyMapProps) {
  return (
    <dl className="keymap">
      {items.map((k) => (
        <div key={k.does}>
          <dt>
            {k.keys.map((key, i) => (
              <Fragment key={key}>
                {i > 0 ? ' ' : null}
                <kbd>{key}</kbd>
              </Fragment>
            ))}
          </dt>
          <dd>{k.does}</dd>
        </div>
      ))}
    </dl>
  )
}
