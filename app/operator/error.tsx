'use client'
export { PortalError as default } from '../_parts/portal/portal-error'
