import { ButtonLink, Empty, PageHead, Skeleton, SkeletonRows } from '../../_ui'

/** What stands while a page is put together: head and rows where they will be. */
export function PortalLoading() {
  return (
    <>
      <PageHead title={<Skeleton size="short" />} lead={<Skeleton size="long" />} />
      <SkeletonRows label="Loading the page" rows={8} />
    </>
  )
}

/** An address that names nothing here, or nothing of the reader's: both answer alike. */
export function PortalNotFound({ home, label }: { home: string; label: string }) {
  return (
    <>
      <PageHead title="Not here" lead="This address names nothing that you can see." />
      <section className="card">
        <Empty
          icon="search"
          title="There is nothing under this address"
          text="It may have ended, or it belongs to somebody else. Nothing was changed."
          act={<ButtonLink href={home}>{label}</ButtonLink>}
        />
      </section>
    </>
  )
}
