/** The letters of the demo world. `{me}` and `{other}` become names of its people; no real person or company is meant. */
export interface Letter {
  from: { name: string; address: string }
  subject: string
  text: string
  html?: string
  attachment?: { filename: string; mimeType: string; content: string }
  /** Hours before the moment of seeding */
  hoursAgo: number
  flags: readonly string[]
  /** Number of an earlier letter of this list that it answers */
  answers?: number
  folder?: string
}

const SEEN = '\\Seen'
const FLAGGED = '\\Flagged'
const ANSWERED = '\\Answered'

const MARTA = { name: 'Marta Lindqvist', address: 'marta@boatyard.example' }
const TOM = { name: 'Tom Achterberg', address: 'tom.achterberg@postbus.example' }
const LIBRARY = { name: 'Fernhill Library', address: 'desk@library.example' }
const MARKET = { name: 'Saturday Market', address: 'news@market.example' }
const WORKSHOP = { name: 'Jonas at the Workshop', address: 'jonas@workshop.example' }
const HOUSE = { name: 'MailTight', address: 'welcome@mailtight.example' }

/** Twelve letters of the last weeks: a thread, one with HTML, one with an attachment, some read, some flagged. Oldest first. */
export const LETTERS: readonly Letter[] = [
  {
    from: HOUSE,
    subject: 'Welcome to your mailbox',
    hoursAgo: 26 * 24,
    flags: [SEEN],
    text: 'Hello {me},\n\nthis mailbox is yours. Its mail is sealed under keys of its own before it is stored, subjects included.\n\nThree things to begin with:\n\n- Choose how many days deleted mail stays recoverable, from 0 to what your organisation allows.\n- Make an app password for each mail program, so that you can take one away without changing the rest.\n- Look at your ledger now and then: whoever does something to your account appears there, with a reason.\n',
  },
  {
    from: LIBRARY,
    subject: 'Your reservation is ready',
    hoursAgo: 22 * 24,
    flags: [SEEN],
    text: 'Dear {me},\n\nthe book you reserved, "The Harbour Pilot\'s Almanac", waits for you at the desk until Saturday.\n\nYour library\n',
  },
  {
    from: MARTA,
    subject: 'The blue dinghy',
    hoursAgo: 19 * 24,
    flags: [SEEN, ANSWERED],
    text: 'Hi {me},\n\nthe hull is dry and sanded. Do you still want it blue, or shall I keep the old green?\n\nMarta\n',
  },
  {
    from: MARTA,
    subject: 'Re: The blue dinghy',
    hoursAgo: 18 * 24,
    flags: [SEEN],
    answers: 2,
    text: 'Blue it is. I will need a week, weather permitting, and will write when it is back in the water.\n\nMarta\n',
  },
  {
    from: MARKET,
    subject: 'What is on the stalls this week',
    hoursAgo: 15 * 24,
    flags: [SEEN],
    text: 'Apples, late plums, two kinds of goat cheese, and the bread people ask for.\nSaturday, 8 to 13, on the square.\n',
    html: '<!doctype html><html><body style="font-family:Georgia,serif;color:#222"><h1 style="font-size:20px">What is on the stalls this week</h1><table cellpadding="6" style="border-collapse:collapse"><tr><th align="left">Stall</th><th align="left">Bring home</th></tr><tr><td>Orchard</td><td>Apples, late plums</td></tr><tr><td>Dairy</td><td>Two kinds of goat cheese</td></tr><tr><td>Bakery</td><td>The bread people ask for</td></tr></table><p><b>Saturday, 8 to 13</b>, on the square.</p></body></html>',
  },
  {
    from: TOM,
    subject: 'Dates for the autumn walk',
    hoursAgo: 12 * 24,
    flags: [SEEN, FLAGGED],
    text: 'Hello {me},\n\nthree Sundays would work for me. My favourite is the second, since the ferry runs all day.\n\nTell me which, and I will ask the others.\n\nTom\n',
  },
  {
    from: WORKSHOP,
    subject: 'Plan for the shelves',
    hoursAgo: 9 * 24,
    flags: [SEEN],
    text: 'Dear {me},\n\nthe cutting list is attached. The long boards are the ones to order first.\n\nJonas\n',
    attachment: {
      filename: 'cutting-list.csv',
      mimeType: 'text/csv',
      content: 'part,pieces,length_mm,width_mm\nside,2,1800,300\nshelf,5,860,300\nback rail,2,860,90\n',
    },
  },
  {
    from: TOM,
    subject: 'Re: Dates for the autumn walk',
    hoursAgo: 6 * 24,
    flags: [SEEN],
    answers: 5,
    text: 'Six of us so far. I have looked at the map again: if we start at the mill we are at the ferry by three.\n\nTom\n',
  },
  {
    from: LIBRARY,
    subject: 'Please return by Friday',
    hoursAgo: 4 * 24,
    flags: [],
    text: 'Dear {me},\n\n"The Harbour Pilot\'s Almanac" is due on Friday. You can keep it two weeks longer if nobody else asks for it: an answer to this letter is enough.\n\nYour library\n',
  },
  {
    from: WORKSHOP,
    subject: 'Re: Plan for the shelves',
    hoursAgo: 60,
    flags: [FLAGGED],
    answers: 6,
    text: 'The boards have come. I could begin on Thursday. Would the morning suit you?\n\nJonas\n',
  },
  {
    from: MARTA,
    subject: 'Re: The blue dinghy',
    hoursAgo: 20,
    flags: [],
    answers: 3,
    text: 'It floats. Come and see it whenever you like, the key hangs where it always did.\n\nMarta\n',
  },
  {
    from: TOM,
    subject: 'Re: Dates for the autumn walk',
    hoursAgo: 3,
    flags: [],
    answers: 7,
    text: 'Nine of us now. Bring something for the rain, and the good thermos.\n\nTom\n',
  },
]
