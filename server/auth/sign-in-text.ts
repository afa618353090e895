/** Why a sign-in did not happen, as next-auth carries it in `error`: one word, and for `slow-down` the seconds to wait. */
export type SignInError = 'credentials' | 'suspended' | 'unavailable' | `slow-down-${number}`

/** What the sign-in page says for an `error` it was given. An unknown one gets the general text. */
export function signInText(error: string): string {
  const wait = /^slow-down-(\d{1,6})$/.exec(error)
  if (wait) {
    const seconds = Number(wait[1])
    const time = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
    return `There were too many attempts. Please try again in ${time}.`
  }
  switch (error) {
    case 'credentials':
    case 'CredentialsSignin':
      return 'The address or the password is not right.'
    case 'suspended':
      return 'This account is suspended. Nothing was lost; please ask whoever manages it.'
    case 'unavailable':
      return 'Sign-in is not possible at the moment. Please try again shortly.'
    default:
      return 'Signing in did not work. Please try again.'
  }
}
