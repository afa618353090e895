import Link from 'next/link'

/** `name` beside the mark, `href` of home; `logo` is a white-label picture that takes the mark's place. */
export type BrandProps = { name?: string; href?: string; logo?: string }

/** The mark and the name. Its colours are the accent tokens, so white label needs no second drawing. */
export function Brand({ name = 'MailTight', href = '/', logo }: BrandProps) {
  return (
    <Link className="brand" href={href}>
      {logo ? (
        // biome-ignore lint/performance/noImgElement: logos are served as they are; the optimiser is off
        <img src={logo} alt="" width={24} height={24} />
      ) : (
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <rect className="bg" width="24" height="24" rx="6" />
          <path className="fg" d="M5.5 17V8.2L12 13l6.5-4.8V17" />
        </svg>
      )}
      <span>{name}</span>
    </Link>
  )
}
