/** The command line cannot be understood; one sentence, and which help explains it. */
export class UsageError extends Error {
  constructor(
    sentence: string,
    readonly help: string,
  ) {
    super(sentence);
  }
}

export const COMMANDS_HELP = `npm run kizuna -- <command> [options]

Commands for the operator of an installation.

  programs create    make a program with its first key, or one more key for a program that is there
  keys list          the keys of a program
  keys revoke        end one of them, for ever
  lag                how far each room is behind
  positions          position, epoch and owner of every lane
  topics             what every lane of the topics holds
  parked list        events that could not be handled, with their reasons
  parked show        one of them, whole
  parked replay      handle the parked events of a key again, in order
  parked resubmit    put an edited event in the place of a parked one
  parked discard     give a parked event up
  books              how far the ledger has checked itself, and where its records disagree

  --help             this text; after a command, the help of that command
`;

export const CREATE_HELP = `npm run kizuna -- programs create --id ID --name NAME --currency CODE --time-zone ZONE [options]

Makes a program (a tenant) and prints its API key, which is shown this once. Run again with the same settings it gives
one more key. Works on the installation that npm start runs here, or on the database in GATEWAY_DATABASE_URL.

  --id ID                 3 to 40 small letters, digits and hyphens
  --name NAME             what people call it
  --currency CODE         ISO 4217, such as JPY
  --time-zone ZONE        IANA, such as Asia/Tokyo
  --mode MODE             live or test (live)
  --starts-at INSTANT     from when it takes history, RFC 3339 with an offset (now)
  --clock-at INSTANT      where the clock of a test program stands, until it is moved (the system's clock)
  --late-window-days N    events older than this go to review (30)
  --scopes A,B            what the key may do, such as events:write,purchases:read (everything)
  --directory DIR         where the installation of npm start keeps its data (.data)
  --json                  print one JSON document
  --help                  this text

Exit codes: 0 done, 1 the program has other settings, or a failure, 2 bad input.
`;

export const OPERATE_HELP = `npm run kizuna -- lag | positions | topics [--room ROOM]
npm run kizuna -- parked list [--room ROOM] [--state parked|replayed|discarded] [--topic T] [--key K] [--limit N] [--cursor C]
npm run kizuna -- parked show --room ROOM --id N
npm run kizuna -- parked replay --room ROOM --topic T --key K
npm run kizuna -- parked resubmit --room ROOM --id N --file EVENT.json --reason TEXT
npm run kizuna -- parked discard --room ROOM --id N --reason TEXT
npm run kizuna -- books [--state open|healed] [--limit N] [--cursor C]

An event that could not be handled is parked with all later ones of its key; everything else flows. A replay handles them
in order and stops at the first one that fails. The ledger checks its books all the time: books tells how far it has come
and where they disagree. Works on the installation that npm start runs here, or on the addresses
in KIZUNA_INTERNAL_URLS (room=url,room=url) with OPERATOR_SECRET.

  --room ROOM        gateway, campaigns or points-ledger
  --directory DIR    where the installation of npm start keeps its data (.data)
  --json             print one JSON document
  --help             this text

Exit codes: 0 done, 1 refused or failed, also a replay that stopped, 2 bad input.
`;

export const KEYS_HELP = `npm run kizuna -- keys list --program ID [--limit N] [--cursor C]
npm run kizuna -- keys revoke --program ID --id KEY

Lists the keys of a program, newest first, and ends one of them for ever: at once at the gateway that is asked, within
five seconds at the others. Works on the installation that npm start runs here, or on the addresses in KIZUNA_INTERNAL_URLS
(gateway=url) with OPERATOR_SECRET.

  --program ID       the program
  --id KEY           the name of the key, as keys list shows it
  --directory DIR    where the installation of npm start keeps its data (.data)
  --json             print one JSON document
  --help             this text

Exit codes: 0 done, 1 refused or failed, 2 bad input.
`;
