import { PortalNotFound } from '../_parts/portal/portal-parts'

export default function NotFound() {
  return <PortalNotFound home="/partner" label="Back to the overview" />
}
