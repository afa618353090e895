/** Is this the text of an IP address: 4, 6, or 0 for neither. A pure function that node keeps among its sockets. */
export { isIP } from 'node:net'
