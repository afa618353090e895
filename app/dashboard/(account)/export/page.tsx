import type { Metadata } from 'next'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { countWords, sizeWords } from '../../../_parts/subscriber/words'
import { callerFor } from '../../../_trpc/server'
import { Button, Card, CardBody, CardHeader, Facts, Flow, Note, PageHead, SkeletonRows } from '../../../_ui'

export const metadata: Metadata = { title: 'Export' }

/** All of one's own mail in one file. */
export default async function ExportPage() {
  await requireActor('subscriber', '/dashboard/export')
  return (
    <>
      <PageHead title="Export" lead="Take all of your mail with you, free of charge and as often as you like." />
      <Suspense fallback={<SkeletonRows label="Counting your mail" rows={4} />}>
        <Parts />
      </Suspense>
    </>
  )
}

async function Parts() {
  const { dashboard } = await callerFor()
  const [statistics, folders] = await Promise.all([dashboard.account.statistics(), dashboard.mail.folders()])
  const { messages, usedBytes } = statistics
  return (
    <Flow>
      <Card labelledBy="mbox">
        <CardHeader
          id="mbox"
          title="Your mail as one mbox file"
          lead="Every folder, every message byte for byte, attachments included."
        />
        <CardBody>
          <Facts
            items={[
              {
                term: 'What',
                value: `${countWords(messages, 'message', 'messages')} in ${countWords(folders.length, 'folder', 'folders')}`,
              },
              { term: 'Size', value: `About ${sizeWords(usedBytes)}` },
              { term: 'Form', value: 'mbox (RFC 4155), read by Thunderbird, Apple Mail and most others' },
              {
                term: 'Not in it',
                value: 'Deleted mail that is only waiting to go: bring it back first if you want it',
              },
            ]}
          />
          <Note kind="warn">
            The file is not encrypted: whoever gets it can read your mail. Keep it where you would keep letters.
          </Note>
          {/* A plain form: the file streams straight to disk, however large it is, and no script has to hold it. */}
          <form action="/api/export/mbox" method="post">
            <Button type="submit" kind="primary" icon="download">
              Download my mail
            </Button>
          </form>
          <p className="hint t13">
            Each export stands on your access ledger, so that you notice one that was not yours.
          </p>
        </CardBody>
      </Card>
    </Flow>
  )
}
