export { PortalLoading as default } from '../_parts/portal/portal-parts'
