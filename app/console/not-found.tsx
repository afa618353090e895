import { PortalNotFound } from '../_parts/portal/portal-parts'

export default function NotFound() {
  return <PortalNotFound home="/console" label="Back to the overview" />
}
