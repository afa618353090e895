import { Card, CardBody, CardHeader, Facts } from '../../_ui'

/** How a mail program is set up: most find the settings themselves; Apple's take a signed profile. */
export function DeviceSetup({ address }: { address: string }) {
  return (
    <Card labelledBy="devices">
      <CardHeader
        id="devices"
        title="Set up a device"
        lead="Thunderbird and Outlook find the settings by your address. iPhone, iPad and Mac take a profile."
        aside={
          <a className="link" href="/api/profile" download>
            Apple profile
          </a>
        }
      />
      <CardBody>
        <Facts items={[{ term: 'User name', value: address, mono: true }]} />
        <p className="prose">
          The profile is signed by this server and holds no password. Make an app password above, and give it when the
          device asks.
        </p>
      </CardBody>
    </Card>
  )
}
