import type { TenantView } from '#server/services/tenant/view'
import { PartyState } from '../_parts/portal/states'
import { type Column, Meter, TimeText } from '../_ui'

/** A customer as tables show it. `regions` gives the names of regions. */
export const customerColumns = (regions: ReadonlyMap<string, string>): Column<TenantView>[] => [
  { key: 'name', header: 'Customer', cell: (customer) => customer.name },
  {
    key: 'seats',
    header: 'Seats',
    cell: ({ seats }) => (
      <Meter
        value={seats.used}
        max={seats.cap}
        text={`${seats.used.toLocaleString('en-GB')} of ${seats.cap.toLocaleString('en-GB')}`}
      />
    ),
  },
  {
    key: 'domains',
    header: 'Domains',
    align: 'right',
    cell: ({ domains }) => (domains.cap === null ? domains.used : `${domains.used} of ${domains.cap}`),
  },
  { key: 'region', header: 'Region', wideOnly: true, cell: ({ region }) => regions.get(region) ?? region },
  {
    key: 'since',
    header: 'Since',
    wideOnly: true,
    phone: 'hide',
    cell: ({ createdAt }) => <TimeText className="nowrap" at={createdAt} show="day" />,
  },
  { key: 'state', header: 'State', phone: 'side', cell: ({ state }) => <PartyState state={state} /> },
]
