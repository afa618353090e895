import { Icon } from './icon'
import { TimeText } from './time-text'

/** `at` is when it was saved (ISO or Date); nothing is shown without it. `zone` as in `TimeText`. */
export type SavedNoteProps = { at?: string | Date | null; text?: string; zone?: string }

/** The visible "saved" beside a section's button, also spoken. Keep it rendered: a region that appears filled is not read. */
export function SavedNote({ at, text = 'Saved', zone }: SavedNoteProps) {
  return (
    <span className="saved" role="status">
      {at ? (
        <>
          <Icon name="check" />
          <span>
            {text} at <TimeText at={at} show="time" zone={zone} />
          </span>
        </>
      ) : null}
    </span>
  )
}
