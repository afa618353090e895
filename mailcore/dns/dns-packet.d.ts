/** The part of dns-packet 5 that is used; the package has no types of its own. */
declare module 'dns-packet' {
  export interface Question {
    type: string
    name: string
    class?: string
  }

  export interface Answer {
    type: string
    name: string
    ttl?: number
    data?: unknown
  }

  export interface Packet {
    type: 'query' | 'response'
    id: number
    flags?: number
    flag_tc?: boolean
    flag_ad?: boolean
    rcode?: string
    questions: Question[]
    answers?: Answer[]
    additionals?: unknown[]
  }

  export const RECURSION_DESIRED: number
  export const AUTHENTIC_DATA: number
  export const DNSSEC_OK: number
  export function encode(packet: Partial<Packet>): Buffer
  export function decode(buffer: Buffer): Packet
}
