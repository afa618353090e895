/**
 * Aborts when this process is to stop: on SIGINT or SIGTERM, when the terminal is closed (SIGHUP; not without one, so that nohup
 * holds), or when the script that started us was killed. The same signal may come twice, from the terminal and from that script.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', () => {
    if (process.stdin.isTTY) stop()
  })
  if (process.channel) {
    process.on('disconnect', stop)
    process.channel.unref()
  }
  return controller.signal
}
